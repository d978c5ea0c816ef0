// Starts the consent window.
import { mount } from 'svelte';
import { connectHost } from '../host';
import Consent from './Consent.svelte';
import './look.css';

const target = document.getElementById('app');
if (target) {
  await connectHost();
  mount(Consent, { target });
}
