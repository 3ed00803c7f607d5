/** A wave of its own that a stream hears, one value a step: sin(2π · frequency · step + phase). */
export interface Wave {
  /** In periods a step. */
  readonly frequency: number;
  readonly phase: number;
}

/** A period takes 8 to 32 steps. */
const [SLOWEST, FASTEST] = [1 / 32, 1 / 8];

/** Draws a wave. */
export function drawWave(next: () => number): Wave {
  return { frequency: SLOWEST + (FASTEST - SLOWEST) * next(), phase: 2 * Math.PI * next() };
}

export function valueAt({ frequency, phase }: Wave, step: number): number {
  return Math.sin(2 * Math.PI * frequency * step + phase);
}

/** A wave of another frequency that goes on from where this one is at a step. */
export function goOnOtherwise(wave: Wave, step: number, next: () => number): Wave {
  const { frequency } = drawWave(next);
  return { frequency, phase: wave.phase + 2 * Math.PI * (wave.frequency - frequency) * step };
}
