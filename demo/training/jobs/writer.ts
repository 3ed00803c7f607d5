import type { Gpu, Model } from '../../../src/index.ts';
import {
  statefulBatches,
  vocabulary,
  type StatefulBatches,
  type Vocabulary,
} from '../../../src/preprocessing/index.ts';
import { random } from '../../experiments/data/random.ts';
import { draw } from '../../lab/text/random-draw.ts';
import { MOST_READINGS, SEED, STEPS, type WriterPlan, type WriterSettings } from '../../lab/text/plan.ts';
import { writerModel } from './lab-models.ts';
import { type CompilingNews, tellCompiling } from './compiling.ts';
import type { JobContext } from './job-context.ts';
import { forgetModel, keepModel } from './kept-models.ts';

export interface WriterOptions {
  text: string;
  settings: WriterSettings;
  plan: WriterPlan;
  /** Goes on with the network of the run before, if that was of the same text and size. */
  goesOn: boolean;
  /** Writes once, with what is learned. */
  writesOnly?: boolean;
}

export interface WriterNews extends CompilingNews {
  learned?: WriterProgress;
  /** Characters that continue what is written; a new piece of writing begins with each `begins`. */
  written?: string;
  begins?: boolean;
}

/** How far the network is. */
export interface WriterProgress {
  /** How many times it has read the text. */
  readings: number;
  /** The surprise at a character, in nats, over the last whole reading. */
  loss?: number;
  charactersPerSecond?: number;
}

/** A network that writes, between two runs. */
interface Writer {
  of: Pick<WriterOptions, 'text'> & { units: number; gpu: Gpu };
  model: Model;
  alphabet: Vocabulary;
  batches: StatefulBatches;
  learned: WriterProgress;
  next: () => number;
}

/** The pause between two pieces of writing, and that between two pieces of news. */
const [LEARN_MS, NEWS_MS] = [1000, 60];

/** The length of a piece that is written while the network learns, and of one that is asked for. */
const [SHORT, LONG] = [120, 300];

/** The first characters, padding and the unknown, are none that can be written. */
const FIRST_CHARACTER = 2;

let kept: Writer | undefined;

/** Reads a text again and again, and writes a little each second, until it is stopped. */
export async function writer(context: JobContext<WriterNews>, options: WriterOptions): Promise<WriterProgress> {
  const { signal, tell } = context;
  kept = await writerFor(context.gpu, options);
  const { learned } = kept;
  tell({ learned: { ...learned } });
  if (options.writesOnly) await write(kept, LONG, options, context);
  while (!options.writesOnly && !signal.aborted && learned.readings < MOST_READINGS) {
    await learn(kept, options.plan, context);
    await write(kept, SHORT, options, context);
  }
  return learned;
}

async function writerFor(gpu: Gpu, { text, settings: { units }, plan, goesOn }: WriterOptions): Promise<Writer> {
  const isSame = kept?.of.gpu === gpu && kept.of.text === text && kept.of.units === units;
  if (kept && isSame && goesOn) return kept;
  forgetModel('writer');
  kept = undefined;
  const alphabet = vocabulary(text);
  const model = await writerModel(gpu, units, plan.rows, alphabet.tokens.length);
  keepModel('writer', gpu, model);
  const batches = statefulBatches([alphabet.encode(text)], { batchSize: plan.rows, timesteps: STEPS });
  return { of: { gpu, text, units }, model, alphabet, batches, learned: { readings: 0 }, next: random(SEED) };
}

/** Reads the whole text for a second, or once where that takes longer. */
async function learn(
  { model, batches, learned }: Writer,
  { rows }: WriterPlan,
  context: JobContext<WriterNews>,
): Promise<void> {
  const { signal, tell } = context;
  const { x, y, ...order } = batches;
  let begun: number | undefined;
  const reading = model.fit(x, y, {
    ...order,
    initialEpoch: learned.readings,
    epochs: MOST_READINGS,
    signal,
    callbacks: [
      {
        onEpochEnd(epoch, { loss }, model) {
          Object.assign(learned, { readings: epoch + 1, loss });
          begun ??= performance.now();
          if (performance.now() - begun > LEARN_MS) model.stopTraining = true;
        },
      },
    ],
    onProgress(progress) {
      // Each call of fit prepares, which is not worth a word between two readings unless kernels compile.
      if (learned.readings === 0 || progress.kernels) tellCompiling(progress, tell);
      const { updatesPerSecond } = progress;
      if (updatesPerSecond === undefined) return;
      learned.charactersPerSecond = updatesPerSecond * rows * STEPS;
      tell({ learned: { ...learned } });
    },
  });
  // Whoever stops it keeps what was learned.
  await reading.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Writes from the first character of the text on, as the network expects the text to go on. */
async function write(
  { model, alphabet, next, of }: Writer,
  length: number,
  { settings: { temperature } }: WriterOptions,
  { signal, tell }: JobContext<WriterNews>,
): Promise<void> {
  if (signal.aborted) return;
  model.resetStates();
  let [token] = alphabet.encode(Array.from(of.text)[0]);
  let [written, told] = [alphabet.tokens[token], performance.now()];
  tell({ begins: true });
  for (let n = 0; n < length && !signal.aborted; n++) {
    const expected = (await model.predictOnBatch([[token]])).row(0);
    token = draw(expected, temperature, next(), FIRST_CHARACTER);
    written += alphabet.tokens[token];
    if (performance.now() - told < NEWS_MS) continue;
    tell({ written });
    [written, told] = ['', performance.now()];
  }
  tell({ written });
}
