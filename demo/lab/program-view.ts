import { copyText } from '../page/copy-text.ts';

/** The program that does what was just run: shown when it is opened, and copied with a button. */
export class ProgramView {
  readonly #code: HTMLElement;
  #make?: () => string;

  /** @param element a `details` with `code` and a button `.copy` within */
  constructor(private readonly element: HTMLDetailsElement) {
    this.#code = element.querySelector('code')!;
    const copy = element.querySelector<HTMLButtonElement>('.copy')!;
    const said = element.querySelector<HTMLElement>('.copied')!;
    element.addEventListener('toggle', () => this.#fill());
    copy.addEventListener('click', () => void this.#copy().then((outcome) => (said.textContent = outcome)));
  }

  /** @param make writes the program; called only while it is open */
  show(make: () => string): void {
    this.#make = make;
    this.element.hidden = false;
    this.#fill();
  }

  hide(): void {
    this.element.hidden = true;
  }

  async #copy(): Promise<string> {
    if (await copyText(this.#code)) return 'Copied.';
    return 'The browser does not let this page copy. The program is selected: press Ctrl+C or ⌘C.';
  }

  #fill(): void {
    if (this.element.open && this.#make) this.#code.textContent = this.#make();
  }
}
