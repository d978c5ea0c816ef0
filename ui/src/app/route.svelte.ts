// Where in the main window one is. Kept in the address, so that the shell can open a place.
import type { Place } from '../parts/places';
import { PLACES } from '../parts/places';

/** The place, and the crystal that is open in it. */
export class Route {
  place = $state<Place>('asks');
  id = $state('');

  constructor() {
    this.#read();
  }

  /** Goes to a place. */
  go(place: Place, id = ''): void {
    location.hash = id ? `#/${place}/${encodeURIComponent(id)}` : `#/${place}`;
    this.#read();
  }

  /** Follows the address until the returned function is called. */
  follow(): () => void {
    const read = () => this.#read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }

  #read(): void {
    const [, place = '', id = ''] = location.hash.split('/');
    this.place = PLACES.find((known) => known === place) ?? 'asks';
    try {
      this.id = decodeURIComponent(id);
    } catch {
      this.id = ''; // not an address of ours: the place alone
    }
  }
}
