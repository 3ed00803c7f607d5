import { LimitError, ValueError } from '../../runtime/errors.ts';
import { knownOptions, nonNegative, positiveInteger, show } from '../../runtime/options.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { Network } from '../network/network.ts';
import { STREAM_INPUT } from '../network/stream-states.ts';
import { checkSignal } from '../training/engine/abort.ts';
import type { OutputArray } from '../training/output-array.ts';
import type { Chunk } from './chunk.ts';

/** How a class is drawn from the probabilities that a model gives. */
export interface Sampling {
  /** Below 1 likely classes become likelier, above 1 less likely ones; 0 takes the likeliest. Default: 1. */
  temperature?: number;
  /** Only so many of the likeliest classes are drawn. Default: all. */
  topK?: number;
  /** A whole number of 32 bits: the same one draws the same classes from the same probabilities. Default: a random one. */
  seed?: number;
}

/** How steps begin and end, however they are made. */
export interface GenerateBeginning {
  /** A step or a chunk that is pushed first, as `stream.push` takes it. A stream without an output needs one. */
  from?: ArrayInput | number;
  /** Ends it early: the promise is rejected with the signal's reason. The stream has gone on by the steps that were sent. */
  signal?: AbortSignal;
}

/** Classes are drawn from the outputs, and become the next inputs. */
export interface SampleClassesOptions extends GenerateBeginning {
  sample: Sampling;
  feedback?: undefined;
}

/** The outputs become the next inputs. */
export interface FeedbackOptions extends GenerateBeginning {
  /**
   * `true`: the outputs of a step are the features of the next. `'shift'`: the features are a window of the last values, which
   * drops its first ones and takes the outputs at its end.
   */
  feedback: true | 'shift';
  sample?: undefined;
}

export type GenerateOptions = SampleClassesOptions | FeedbackOptions;

/** Classes that were drawn. */
export interface GeneratedClasses {
  /** The class of each step, [steps], which `decode` of a `vocabulary` takes. */
  classes: Uint32Array<ArrayBuffer>;
  /** The seed with which the same can be drawn again. */
  seed: number;
}

/** The result of generating with these options. */
export type Generated<O extends GenerateOptions> = O extends { sample: Sampling } ? GeneratedClasses : OutputArray;

/** Checked options of steps that are to be generated. */
export interface GenerationPlan {
  where: string;
  steps: number;
  kind: 'classes' | 'values';
  /** How many numbers the result of a step has. */
  width: number;
  classes: number;
  seed: number;
  topK: number;
  temperature: number;
  signal?: AbortSignal;
}

/** A checked request to generate steps in the stream of a slot. */
export interface GenerationRequest {
  slot: number;
  plan: GenerationPlan;
  /** Is pushed first. */
  from?: Chunk;
}

/** The most bytes of results of one call, which lie in one array. */
const MAX_RESULT_BYTES = 2 ** 31;

/**
 * @throws ValueError if an option has a wrong value, or does not fit the model; LimitError if there are too many steps; the
 * reason of an aborted signal
 */
export function checkGenerate(
  where: string,
  network: Network,
  steps: number,
  options: GenerateOptions,
): GenerationPlan {
  positiveInteger(where, 'steps', steps);
  knownOptions(where, options, ['sample', 'feedback', 'from', 'signal']);
  const { sample, feedback, signal } = options;
  if ((sample === undefined) === (feedback === undefined)) {
    throw new ValueError(
      `${where}: got ${sample ? 'sample and feedback' : 'neither sample nor feedback'}, expected one of them: { sample: {} } ` +
        `draws classes, { feedback: true } makes the outputs the next inputs.`,
    );
  }
  checkSignal(where, signal);
  const outputs = network.outputShape.at(-1)!;
  const plan = { where, steps, signal, classes: outputs };
  if (sample === undefined) {
    checkFeedback(where, network, feedback);
    checkResults(where, steps, outputs);
    return { ...plan, kind: 'values', width: outputs, seed: 0, topK: 0, temperature: 0 };
  }
  const sampling = checkSampling(`${where}: sample`, sample, outputs);
  checkClasses(where, network);
  checkResults(where, steps, 1);
  return { ...plan, kind: 'classes', width: 1, ...sampling };
}

/** @param width how many numbers the result of a step has. @throws LimitError */
function checkResults(where: string, steps: number, width: number): void {
  const most = Math.floor(MAX_RESULT_BYTES / (4 * width));
  if (steps <= most) return;
  throw new LimitError(
    `${where}: steps is ${steps}, expected at most ${most}, whose results, of ${4 * width} bytes a step, are the 2 GiB that ` +
      `one call can return. Generate in pieces: each call goes on from the one before.`,
    most / steps,
  );
}

/** The seeds are whole numbers below this. */
const SEEDS = 2 ** 32;

function checkSampling(where: string, sample: Sampling, classes: number) {
  knownOptions(where, sample, ['temperature', 'topK', 'seed']);
  const { temperature = 1, topK = classes, seed = Math.floor(SEEDS * Math.random()) } = sample;
  if (!Number.isInteger(seed) || seed < 0 || seed >= SEEDS) {
    throw new ValueError(`${where}: seed is ${show(seed)}, expected a whole number from 0 to ${SEEDS - 1}.`);
  }
  return {
    temperature: nonNegative(where, 'temperature', temperature),
    topK: Math.min(positiveInteger(where, 'topK', topK), classes),
    seed,
  };
}

/** @throws ValueError unless outputs are probabilities of classes, and the input is a class: an index, or one-hot */
function checkClasses(where: string, { layers, outputShape, sampleShape, takesIndices }: Network): void {
  const classes = outputShape.at(-1)!;
  const last = layers.findLast(({ matrices, finalActivation }) => matrices.length > 0 || finalActivation !== undefined);
  if (last?.finalActivation !== 'softmax') {
    throw new ValueError(
      `${where}: sample draws from probabilities, and this model does not end with a softmax. Build it with ` +
        `dense({ units: ${classes}, activation: 'softmax' }), or give feedback: true.`,
    );
  }
  const known = takesIndices ? layers[0].matrices[0].rows : sampleShape.at(-1)!;
  if (takesIndices ? known >= classes : known === classes) return;
  throw new ValueError(
    `${where}: the model gives probabilities of ${classes} classes, and takes ` +
      `${takesIndices ? `indices below ${known}` : `${known} features`}, so a class cannot be its next input. Build it for ` +
      `one-hot inputs of ${classes} features, or with an embedding of inputDim: ${classes}.`,
  );
}

function checkFeedback(where: string, { outputShape, sampleShape, takesIndices, streams }: Network, feedback: unknown) {
  if (feedback !== true && feedback !== 'shift') {
    throw new ValueError(`${where}: feedback is ${show(feedback)}, expected true or "shift".`);
  }
  const [features, outputs] = [sampleShape.at(-1)!, outputShape.at(-1)!];
  const fits = feedback === true ? features === outputs && !takesIndices : streams!.has(STREAM_INPUT);
  if (fits) return;
  throw new ValueError(
    `${where}: feedback is ${show(feedback)}, and the model gives ${outputs} outputs and takes ` +
      `${takesIndices ? 'indices' : `${features} features`}, expected ` +
      `${expectedFeatures(feedback, features === outputs && !takesIndices)}.`,
  );
}

/** @param isWhole whether the outputs make all features, so that nothing of a window is kept */
function expectedFeatures(feedback: true | 'shift', isWhole: boolean): string {
  if (feedback === true) return 'as many features as outputs';
  return `a window of several times as many features as outputs${isWhole ? '; give feedback: true' : ''}`;
}
