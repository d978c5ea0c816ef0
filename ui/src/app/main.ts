// Starts the main window.
import { mount } from 'svelte';
import { connectHost } from '../host';
import App from './App.svelte';
import './look.css';

const target = document.getElementById('app');
if (target) {
  await connectHost();
  mount(App, { target });
}
