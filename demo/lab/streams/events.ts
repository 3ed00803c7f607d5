import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { wantsNoMotion } from '../../page/motion.ts';
import { runJob } from '../../training/client.ts';
import type { StreamsNews, StreamsStep, StreamWish } from '../../training/jobs/streams.ts';
import { ProgramView } from '../program-view.ts';
import { StreamCard } from './card.ts';
import { StreamControls } from './controls.ts';
import { History, seatForFork, speedWords } from './data.ts';
import { StreamGrid } from './grid.ts';
import { SEATS, STREAMS } from './plan.ts';
import { streamsProgram } from './program.ts';
import './streams.css';

/** The least time between two steps, and that for readers who want little to move. */
const [STEP_MS, CALM_STEP_MS] = [33, 1000];

/** Milliseconds between two sentences about the speed, which could not be read otherwise. */
const WORDS_MS = 500;

const TEACHING = 'Teaching a network to forecast waves';

/** The part of the lab in which a thousand streams go through one network at once. */
export function mountStreams(root: HTMLElement): JobControl<never>[] {
  return [new StreamsLab(root).control];
}

class StreamsLab {
  readonly control = new JobControl({ run: 'Let them run' }, (context) => this.#run(context));
  readonly #grid = new StreamGrid((seat) => this.#choose(seat));
  readonly #card = new StreamCard();
  readonly #controls = new StreamControls({
    choose: (seat) => this.#choose(seat),
    reset: () => this.#wish({ does: 'reset', seat: this.#chosen }),
    fork: () => this.#forkChosen(),
    toggleFrozen: () => this.#toggleFrozen(),
    resetAll: () => this.#resetAll(),
  });
  readonly #speed: HTMLElement;
  #history = new History();
  readonly #frozen = new Set<number>();
  readonly #forks = new Map<number, number>();
  #chosen = 0;
  /** The unit that the lines show. */
  #unit = 0;
  /** Tells the job what the reader wants, while it runs. */
  #say?: (wish: unknown) => void;
  #isDrawn = true;
  #spokenAt = 0;

  constructor(root: HTMLElement) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    part('.run').append(this.control.element);
    this.#speed = part('.speed-now');
    part('.streams').append(this.#grid.canvas, ...this.#controls.elements, this.#card.element);
    new ProgramView(part('.program')).show(streamsProgram);
    this.#draw();
  }

  #choose(seat: number): void {
    this.#chosen = seat;
    this.#draw();
  }

  #wish(wish: StreamWish): void {
    this.#say?.(wish);
  }

  #resetAll(): void {
    for (let seat = 0; seat < SEATS; seat++) this.#wish({ does: 'reset', seat });
  }

  /** Copies the chosen stream into a seat for forks, and turns to the copy. */
  #forkChosen(): void {
    const seat = this.#chosen;
    const into = seatForFork(this.#forks, seat);
    this.#forks.delete(into);
    this.#forks.set(into, seat);
    this.#frozen.delete(into);
    this.#history.copy(seat, into);
    this.#wish({ does: 'fork', seat, into });
    this.#choose(into);
  }

  #toggleFrozen(): void {
    const seat = this.#chosen;
    const isFrozen = this.#frozen.delete(seat);
    if (!isFrozen) this.#frozen.add(seat);
    this.#wish({ does: isFrozen ? 'thaw' : 'freeze', seat });
    this.#draw();
  }

  async #run({ signal, tell }: WorkContext): Promise<string> {
    this.#history = new History();
    this.#frozen.clear();
    this.#forks.clear();
    const hear = ({ compiling, trained, unit, step }: StreamsNews): void => {
      if (compiling) tell({ part: TEACHING, compiling });
      if (trained !== undefined) tell({ doing: `${TEACHING} …`, fraction: trained });
      if (unit !== undefined) this.#unit = unit;
      if (!step) return;
      tell({ doing: `${STREAMS.toLocaleString('en')} streams move.` });
      this.#take(step);
    };
    const begun = (say: (message: unknown) => void): void => void (this.#say = say);
    try {
      await runJob('streams', { stepMs: wantsNoMotion() ? CALM_STEP_MS : STEP_MS }, { signal, hear, begun });
      return 'They stand still.';
    } finally {
      this.#say = undefined;
      this.#draw();
    }
  }

  /** Takes what a step did. What comes within a frame is drawn once. */
  #take(step: StreamsStep): void {
    this.#history.add(step);
    if (this.#isDrawn) requestAnimationFrame(() => this.#draw());
    this.#isDrawn = false;
    const now = performance.now();
    if (now - this.#spokenAt < WORDS_MS) return;
    this.#spokenAt = now;
    this.#speed.textContent = speedWords(step);
  }

  #draw(): void {
    this.#isDrawn = true;
    const state = { frozen: this.#frozen, forks: this.#forks };
    const [seat, isRunning] = [this.#chosen, this.#say !== undefined];
    const canAct = isRunning && this.#history.steps[seat] > 0;
    this.#controls.draw(seat, { isFrozen: this.#frozen.has(seat), isRunning, canAct });
    this.#grid.draw(this.#history, state, this.#unit, seat);
    this.#card.draw(this.#history, seat, state);
  }
}
