import type { StreamsStep } from '../../training/jobs/streams.ts';
import { AHEAD, FORKS, SEATS, STREAMS, UNITS } from './plan.ts';

/** The steps that are kept of each stream. */
export const KEPT = 64;

/** A forecast that is off by more than this, on average over the last steps, counts as bad. */
export const BAD = 0.2;

/** How many steps that average is over. */
const RECENT = 4;

/** The last steps of each stream. Those of a frozen stream stay as they are. */
export class History {
  /** How many steps each seat has made. */
  readonly steps = new Uint32Array(SEATS);
  /** [seats, kept steps, units], and [seats, kept steps]. A step is at its number modulo the kept ones. */
  readonly #h = new Float32Array(SEATS * KEPT * UNITS);
  readonly #heard = new Float32Array(SEATS * KEPT);
  readonly #forecasts = new Float32Array(SEATS * KEPT);

  add({ seats, h, heard, forecasts }: StreamsStep): void {
    seats.forEach((seat, n) => {
      const at = seat * KEPT + (this.steps[seat]++ % KEPT);
      this.#h.set(h.subarray(n * UNITS, (n + 1) * UNITS), at * UNITS);
      this.#heard[at] = heard[n];
      this.#forecasts[at] = forecasts[n];
    });
  }

  /** Gives a fork the past of the stream that it was copied from. */
  copy(from: number, to: number): void {
    for (const [values, size] of [
      [this.#h, KEPT * UNITS],
      [this.#heard, KEPT],
      [this.#forecasts, KEPT],
    ] as const) {
      values.copyWithin(to * size, from * size, (from + 1) * size);
    }
    this.steps[to] = this.steps[from];
  }

  /** h of a unit, or what a stream heard or expected, `ago` steps before its last one. */
  h(seat: number, unit: number, ago: number): number {
    return this.#h[this.#at(seat, ago) * UNITS + unit];
  }

  heard(seat: number, ago: number): number {
    return this.#heard[this.#at(seat, ago)];
  }

  /** The forecast that a stream had made of what it heard `ago` steps before its last one. */
  expected(seat: number, ago: number): number {
    return this.#forecasts[this.#at(seat, ago + AHEAD)];
  }

  /** How many of its last steps are kept. */
  length(seat: number): number {
    return Math.min(this.steps[seat], KEPT);
  }

  /** How many of its last forecasts can be compared with what came. */
  forecasts(seat: number): number {
    return Math.max(0, this.length(seat) - AHEAD);
  }

  /** How far forecasts are off, on average over the last steps; `undefined` before there are some. */
  error(seat: number): number | undefined {
    const count = Math.min(RECENT, this.forecasts(seat));
    if (count < 1) return undefined;
    let sum = 0;
    for (let ago = 0; ago < count; ago++) sum += Math.abs(this.heard(seat, ago) - this.expected(seat, ago));
    return sum / count;
  }

  #at(seat: number, ago: number): number {
    return seat * KEPT + ((this.steps[seat] - 1 - ago) % KEPT);
  }
}

/** The streams that a reader has frozen or forked. */
export interface SeatsState {
  frozen: ReadonlySet<number>;
  /** The seats that forks were copied from, by those of the forks. */
  forks: ReadonlyMap<number, number>;
}

/** The name of a stream: its number from 1 on, or the number of the fork. */
export function nameOf(seat: number): string {
  return seat < STREAMS ? `stream ${seat + 1}` : `fork ${seat - STREAMS + 1}`;
}

/** The seat for a fork of a stream: a free one, or else that of the oldest other fork. */
export function seatForFork(forks: SeatsState['forks'], of: number): number {
  for (let seat = STREAMS; seat < SEATS; seat++) if (!forks.has(seat)) return seat;
  return [...forks.keys()].find((seat) => seat !== of)!;
}

/** The streams that a step pushed, and how fast. */
export function speedWords({ seats, ms }: Pick<StreamsStep, 'seats' | 'ms'>): string {
  const pushes = seats.length;
  if (pushes === 0) return 'All streams are frozen.';
  const took = ms < 0.1 ? 'less than 0.1' : Number(ms.toPrecision(2)).toLocaleString('en');
  const aSecond = ms > 0 ? `: ${Number(((1000 * pushes) / ms).toPrecision(2)).toLocaleString('en')} a second` : '';
  return `${pushes.toLocaleString('en')} ${pushes === 1 ? 'push' : 'pushes'} in ${took} ms${aSecond}.`;
}

/** A stream in a sentence. */
export function streamWords(history: History, seat: number, { frozen, forks }: SeatsState): string {
  const steps = history.steps[seat];
  if (steps === 0) return seat < STREAMS ? `${capital(nameOf(seat))}.` : `One of ${FORKS} places for forks.`;
  const error = history.error(seat);
  const origin = forks.get(seat);
  const parts = [
    capital(nameOf(seat)) + (origin === undefined ? '' : `, of ${nameOf(origin)}, hears another wave since`),
    frozen.has(seat) ? `frozen at step ${steps.toLocaleString('en')}` : `step ${steps.toLocaleString('en')}`,
    error === undefined ? '' : `forecasts are off by ${error.toFixed(2)}`,
  ];
  return `${parts.filter(Boolean).join(' · ')}.`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
