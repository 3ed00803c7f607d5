import { html } from '../drawing/html.ts';
import { isBusy, Stopped } from '../training/client.ts';
import { canTrain } from './webgpu.ts';
import './job-control.css';

/** What a piece of work is given: when to end early, and where to tell how it goes. */
export interface Going {
  signal: AbortSignal;
  /** Says what is going on, and what fraction of the work is done, once that is known. */
  tell: (words: string, fraction?: number) => void;
}

/** A button that starts work for the GPU. While it goes on, a bar and words tell how far it is, and a button ends it. */
export class JobControl {
  readonly element: HTMLElement;
  readonly #start: HTMLButtonElement;
  readonly #stop = html('button', { type: 'button', className: 'stop' }, 'Stop');
  readonly #bar: HTMLProgressElement;
  readonly #words = html('span', { className: 'words' });
  #stopping?: AbortController;

  /** @param work what the button starts; its promise settles when all is done */
  constructor(
    label: string,
    private readonly work: (going: Going) => Promise<void>,
  ) {
    this.#start = html('button', { type: 'button', className: 'start' }, label);
    this.#bar = html('progress', { ariaLabel: label });
    this.element = html('div', { className: 'job-control' }, this.#start, this.#bar, this.#stop, this.#words);
    this.#start.addEventListener('click', () => void this.#run());
    this.#stop.addEventListener('click', () => this.#stopping?.abort());
    this.#show(false);
    void canTrain().then((can) => (this.#start.hidden ||= !can));
  }

  async #run(): Promise<void> {
    this.#stopping = new AbortController();
    this.#show(true);
    this.#tell(isBusy() ? 'Waiting for another training …' : 'Starting …');
    this.#stop.focus({ preventScroll: true });
    try {
      await this.work({ signal: this.#stopping.signal, tell: (words, fraction) => this.#tell(words, fraction) });
      this.#words.textContent = '';
    } catch (error) {
      this.#words.textContent = error instanceof Stopped ? 'Stopped.' : (error as Error).message;
    }
    const isFocusLost = document.activeElement === this.#stop || document.activeElement === document.body;
    this.#show(false);
    if (isFocusLost) this.#start.focus({ preventScroll: true });
  }

  #show(isRunning: boolean): void {
    this.#start.hidden = isRunning;
    this.#bar.hidden = this.#stop.hidden = !isRunning;
  }

  #tell(words: string, fraction?: number): void {
    this.#words.textContent = words;
    if (fraction === undefined) this.#bar.removeAttribute('value');
    else this.#bar.value = fraction;
  }
}
