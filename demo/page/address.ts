/**
 * The states of the pictures as they stand in the address, so that a link shows what its sender saw:
 * `#tape=never.1000&window=10`. What is not in the address, or is no state there, is as on the first visit.
 */

/** How a state is written and read; `read` returns `undefined` for a text that is no state. */
export interface Notation<State> {
  read(text: string): State | undefined;
  write(state: State): string;
}

/**
 * The state that a text of the address stands for. A text that is not written as the page writes that state, such as `007` for
 * 7, stands for none: links have one form, and no setting comes in that has no control.
 */
export function readState<State>(notation: Notation<State>, text: string): State | undefined {
  const state = notation.read(text);
  return state !== undefined && notation.write(state) === text ? state : undefined;
}

/** The state of one picture. A change of it redraws the picture and is noted in the address. */
export class PictureState<State extends object> {
  #value: State;

  /**
   * @param name of the picture in the address
   * @param first the state of a first visit
   * @param draw called with the state at once and after each change
   */
  constructor(
    private readonly name: string,
    private readonly first: State,
    private readonly notation: Notation<State>,
    private readonly draw: (state: State) => void,
  ) {
    this.#value = this.#inAddress();
    draw(this.#value);
    addEventListener('hashchange', () => {
      // A change that waits to be noted is over: the address says what is shown now.
      changed.delete(this.name);
      this.#value = this.#inAddress();
      draw(this.#value);
    });
  }

  get value(): Readonly<State> {
    return this.#value;
  }

  change(part: Partial<State>): void {
    this.#value = { ...this.#value, ...part };
    this.draw(this.#value);
    note(this.name, this.notation.write(this.#value), this.notation.write(this.first));
  }

  #inAddress(): State {
    const text = parameters().get(this.name);
    return (text === null ? undefined : readState(this.notation, text)) ?? this.first;
  }
}

const parameters = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));

/** Browsers refuse more than some 100 changes of the address in 30 seconds, so those of a moment are noted together. */
const NOTE_MS = 300;
const changed = new Map<string, { text: string; first: string }>();
let noting: ReturnType<typeof setTimeout> | undefined;

function note(name: string, text: string, first: string): void {
  changed.set(name, { text, first });
  noting ??= setTimeout(() => {
    noting = undefined;
    const all = parameters();
    for (const [picture, { text, first }] of changed) {
      if (text === first) all.delete(picture);
      else all.set(picture, text);
    }
    changed.clear();
    const hash = all.toString();
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
  }, NOTE_MS);
}
