import { html } from '../../drawing/html.ts';

/** Links to files, which hand them over when they are pressed. */
export class Downloads {
  #links: readonly HTMLAnchorElement[] = [];

  /** @param list shows the links, and is hidden while there are none */
  constructor(private readonly list: HTMLElement) {}

  /** Shows these files in place of those before, and hands them over at once, as far as the browser allows several. */
  give(files: readonly File[]): void {
    this.clear();
    this.#links = files.map((file) => html('a', { href: URL.createObjectURL(file), download: file.name }, file.name));
    const sizes = files.map(({ size }) => ` (${(size / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} kB)`);
    this.list.replaceChildren(...this.#links.map((link, index) => html('li', {}, link, sizes[index])));
    this.list.hidden = false;
    for (const link of this.#links) link.click();
  }

  /** Takes the links away, and frees their files. */
  clear(): void {
    for (const { href } of this.#links) URL.revokeObjectURL(href);
    this.#links = [];
    this.list.replaceChildren();
    this.list.hidden = true;
  }
}
