import { html } from '../drawing/html.ts';

/**
 * Loads code or data that a place of the page needs. Where that fails, a line in this place says so for good, and its button
 * loads the page again: browsers remember that a module could not be loaded, and ask for it no more while the page is there.
 *
 * @param what begins the line, such as `The curves`
 * @returns settles only if it was loaded
 */
export async function loadInto<Loaded>(place: Element, what: string, load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    console.warn(error);
    const again = html('button', { type: 'button' }, 'Load the page again');
    // The states of the pictures stand in the address, and are there again.
    again.addEventListener('click', () => location.reload());
    const words = `${what} could not be loaded. Check the connection, then: `;
    place.append(html('p', { className: 'not-loaded', role: 'alert' }, words, again));
    return new Promise(() => {});
  }
}
