import { html } from '../drawing/html.ts';

/**
 * Loads code or data that a place of the page needs. Where that fails, a line in this place says so, and a button tries again.
 *
 * @param what begins the line, such as `The curves`
 * @returns what was loaded, however often it took
 */
export async function loadInto<Loaded>(place: Element, what: string, load: () => Promise<Loaded>): Promise<Loaded> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      console.warn(error);
      await pressed(place, `${what} could not be loaded: check the connection, then press again.`);
    }
  }
}

/** Waits until the button beside some words is pressed, which then goes away with them. */
function pressed(place: Element, words: string): Promise<void> {
  const again = html('button', { type: 'button' }, 'Load again');
  const line = html('p', { className: 'not-loaded', role: 'alert' }, `${words} `, again);
  place.append(line);
  return new Promise((resolve) => {
    again.addEventListener('click', () => {
      line.remove();
      resolve();
    });
  });
}
