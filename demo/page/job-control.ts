import { html } from '../drawing/html.ts';
import { Stopped } from '../training/client.ts';
import { JobProgress, type WorkStatus } from './job-progress.ts';
import { canTrain } from './webgpu.ts';
import './job-control.css';

/** Tells a piece of work when to end early, and is told how it goes. */
export interface WorkContext {
  signal: AbortSignal;
  tell: (status: WorkStatus) => void;
}

/** Does what a button starts, until all is done; returns how it ended, if that is to be said. */
export type Work<Name extends string> = (context: WorkContext, name: Name) => Promise<string | void>;

/** Buttons that start work for the GPU. While it goes on, a bar and words tell how far it is, and a button stops it. */
export class JobControl<Name extends string> {
  readonly element: HTMLElement;
  /** The buttons that start, by their names. They are out of sight while something runs. */
  readonly starts: Readonly<Record<Name, HTMLButtonElement>>;
  readonly #buttons: HTMLElement;
  readonly #progress: JobProgress;
  readonly #error = html('span', { className: 'error', role: 'alert' });
  #isAgain = false;
  /** Called when something is started. */
  onBegin = (): void => {};

  /** @param labels what the buttons say, by their names; the first one names the bar as well */
  constructor(
    labels: Readonly<Record<Name, string>>,
    private readonly work: Work<Name>,
  ) {
    const starts = (Object.entries(labels) as [Name, string][]).map(([name, label]) => {
      const button = html('button', { type: 'button', className: 'start' }, label);
      button.dataset.run = name;
      button.addEventListener('click', () => void this.#run(name));
      return [name, button] as const;
    });
    this.starts = Object.fromEntries(starts) as Record<Name, HTMLButtonElement>;
    this.#buttons = html('span', { className: 'starts' }, ...starts.map(([, button]) => button));
    this.#progress = new JobProgress(Object.values<string>(labels)[0]);
    const { bar, stopper, words } = this.#progress;
    this.element = html('div', { className: 'job-control' }, this.#buttons, bar, stopper, words, this.#error);
    void canTrain().then((can) => (this.#buttons.hidden ||= !can));
  }

  get isRunning(): boolean {
    return this.#progress.isRunning;
  }

  stop(): void {
    this.#isAgain = false;
    this.#progress.stop();
  }

  /** Stops what runs and starts it once more, with what has changed since. */
  restart(): void {
    if (!this.isRunning) return;
    this.#progress.stop();
    this.#isAgain = true;
  }

  /** Takes away how the last work ended. */
  forget(): void {
    if (this.isRunning) return;
    this.#progress.end('');
    this.#error.textContent = '';
  }

  async #run(name: Name): Promise<void> {
    if (this.isRunning) return;
    this.onBegin();
    this.#error.textContent = '';
    this.#buttons.hidden = true;
    let words: string;
    do {
      this.#isAgain = false;
      const signal = this.#progress.begin();
      // The button that was pressed is gone, and the focus with it.
      this.#progress.stopper.focus({ preventScroll: true });
      words = await this.#wordsOf(this.work({ signal, tell: (status) => this.#progress.tell(status) }, name));
    } while (this.#isAgain);
    const isFocusLost = [this.#progress.stopper, document.body].includes(document.activeElement as HTMLElement);
    this.#progress.end(words);
    this.#buttons.hidden = false;
    if (isFocusLost) this.starts[name].focus({ preventScroll: true });
  }

  /** How work ended, unless something went wrong, which is said in a line of its own. */
  async #wordsOf(work: Promise<string | void>): Promise<string> {
    try {
      return (await work) ?? '';
    } catch (error) {
      if (error instanceof Stopped) return 'Stopped.';
      this.#error.textContent = `It did not work. ${error instanceof Error ? error.message : String(error)}`;
      return '';
    }
  }
}
