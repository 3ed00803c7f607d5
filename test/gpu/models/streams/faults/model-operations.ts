import { BusyError } from '../../../../../src/index.ts';
import { compare } from './compare.ts';
import { numbers, type Random } from './inputs.ts';
import type { Call } from './call.ts';
import type { Subject } from './subject.ts';
import { pause, type World } from './world.ts';

/** Samples and targets, which are spoiled once a call has taken them. */
function samplesOf({ kind }: Subject, random: Random, samples: number, wantedSteps: number) {
  const { features, isIndices, outputs, givesSequences } = kind;
  const steps = Math.min(wantedSteps, 6);
  const x = numbers(kind, random, samples * steps * features);
  const y = Array.from(random.array(samples * outputs * (givesSequences ? steps : 1), 1));
  const [givenX, givenY] = [Float32Array.from(x), Float32Array.from(y)];
  return {
    x,
    y,
    given: [
      { data: givenX, shape: isIndices ? [samples, steps] : [samples, steps, features] },
      { data: givenY, shape: givesSequences ? [samples, steps, outputs] : [samples, outputs] },
    ] as const,
    spoil: () => {
      givenX.fill(77);
      givenY.fill(77);
    },
  };
}

/** What a call that needs the model for itself may be refused with. */
function busy({ fits }: Subject) {
  return fits > 0 ? BusyError : undefined;
}

/** Lets the plain model take the weights of this moment, if they may have changed since it did so last. */
export function readWeights(world: World, subject: Subject): void {
  if (!subject.isTrained || subject.ended) return;
  void world.send(
    subject,
    'model.getWeights',
    () => subject.model.getWeights(),
    (weights) => subject.training.match(weights.map(({ data }) => data)),
  );
  // It is made for the plain model alone.
  world.calls--;
  // During a run nobody knows when its next update is; and a call that may be refused has to be made again.
  subject.isTrained = subject.fits > 0 || subject.callbacks > 0;
}

export function setWeights({ world, subject, random }: Call): void {
  if (subject.isFitOpen) return;
  const weights = subject.plain.weights.map(({ length }) => random.array(length, 0.5));
  const kept = weights.map((weight) => weight.slice());
  const isSet = world.call(
    subject,
    'model.setWeights',
    () => subject.model.setWeights(subject.shaped(weights)),
    busy(subject),
  );
  for (const weight of weights) weight.fill(77);
  subject.changes++;
  if (!isSet) return;
  world.inOrder('model.setWeights', () => {
    subject.training.finish();
    subject.plain.setWeights(kept);
  });
}

export function trainOnBatch({ world, subject, steps, random }: Call): Promise<unknown> | void {
  if (subject.isFitOpen) return;
  const { model, plain, training } = subject;
  const rows = random.integer(1, subject.batchSize);
  const { x, y, given, spoil } = samplesOf(subject, random, rows, steps);
  const check = ({ loss }: Record<string, number>) => {
    training.finish();
    compare([loss], [plain.train(x, y, rows)]);
  };
  subject.isTrained = true;
  subject.changes++;
  const act = () => model.trainOnBatch(...given);
  const onEnd = () => training.offer(() => plain.train(x, y, rows));
  const result = world.send(subject, 'model.trainOnBatch', act, check, { refusal: busy(subject), onEnd });
  spoil();
  return result;
}

/**
 * Trains, and makes calls between its batches.
 *
 * @param inside makes a call of a stream
 */
export function fit(call: Call, inside: (call: Call) => void): Promise<unknown> | void {
  const { world, subject, steps, random } = call;
  // Another one is refused, and may not be any more a moment before its end is known here.
  if (subject.fits > 0 || subject.callbacks > 0) return;
  const { model, plain, batchSize, training } = subject;
  const [batches, epochs] = [random.integer(1, 3), random.integer(1, 2)];
  const { x, y, given, spoil } = samplesOf(subject, random, batches * batchSize, steps);
  const { signal, onBatchEnd, isWhole } = drawCallback(call, batches * epochs, inside);
  const ended = (history?: Record<string, number[]>) => {
    if (subject.ended) return;
    subject.fits--;
    subject.isFitOpen = false;
    // They tell how many updates were made.
    readWeights(world, subject);
    world.inOrder('model.fit has ended', () => {
      if (!isWhole) return training.drop();
      training.finish();
      if (!subject.kind.isMasked) compare(history!.loss, meansOf(training.losses, batches));
    });
  };
  const act = async () => {
    const fitting = model.fit(...given, {
      epochs,
      shuffle: false,
      signal,
      callbacks: onBatchEnd ? [{ onBatchEnd }] : [],
    });
    try {
      const { history } = await fitting;
      ended(history);
    } catch (error) {
      ended();
      if (error !== signal?.reason) throw error;
    }
  };
  subject.isTrained = true;
  subject.changes++;
  subject.isFitOpen = !isWhole;
  if (!subject.ended) subject.fits++;
  const begin = () => {
    const part = (list: readonly number[], n: number) => {
      const size = list.length / batches;
      return list.slice((n % batches) * size, ((n % batches) + 1) * size);
    };
    const numbersOf = Array.from({ length: epochs * batches }, (_, n) => n);
    training.begin(numbersOf.map((n) => () => plain.train(part(x, n), part(y, n), batchSize)));
  };
  // If it fails with the end of the model, weights may have been read between its batches all the same.
  const result = world.send(subject, 'model.fit', act, begin, { onEnd: begin });
  spoil();
  return result;
}

/** A callback that makes calls, at once or later, and may end the training before its time. */
function drawCallback(call: Call, updates: number, inside: (call: Call) => void) {
  const { random, subject } = call;
  const end = (['all', 'all', 'stopped', 'aborted'] as const)[random.integer(0, 3)];
  const calls = (['none', 'at once', 'later'] as const)[random.integer(0, 2)];
  const endsAt = random.integer(0, updates - 1);
  const controller = new AbortController();
  let update = 0;
  const onBatchEnd = () => {
    if (update++ === endsAt) {
      if (end === 'aborted') controller.abort(new RangeError('enough'));
      if (end === 'stopped') subject.model.stopTraining = true;
    }
    if (calls === 'none') return undefined;
    inside(call);
    return calls === 'later' ? pause().then(() => inside(call)) : undefined;
  };
  const isWhole = end === 'all';
  return {
    isWhole,
    signal: end === 'aborted' ? controller.signal : undefined,
    onBatchEnd: isWhole && calls === 'none' ? undefined : onBatchEnd,
  };
}

/** Evaluates, and makes calls while a callback waits for something, which are refused. */
export function evaluate(call: Call, inside: (call: Call) => void): Promise<unknown> | void {
  const { world, subject, steps, random } = call;
  if (subject.isFitOpen) return;
  const { model, plain, batchSize, training, kind } = subject;
  const samples = batchSize * random.integer(1, 3);
  const { x, y, given, spoil } = samplesOf(subject, random, samples, steps);
  const isLater = random.uniform(0, 1) < 0.6 && !subject.ended;
  const onTestBatchEnd = async () => {
    // What it calls at once would take effect before calls that wait for the end of the evaluate.
    await pause();
    inside(call);
    await pause();
  };
  const act = async () => {
    try {
      return await model.evaluate(...given, { callbacks: isLater ? [{ onTestBatchEnd }] : [] });
    } finally {
      if (isLater) subject.callbacks--;
    }
  };
  if (isLater) subject.callbacks++;
  const check = ({ loss }: Record<string, number>) => {
    training.finish();
    const losses = plain.evaluate(x, y, samples);
    if (!kind.isMasked) compare([loss], meansOf(losses, losses.length));
  };
  const result = world.send(subject, 'model.evaluate', act, check, { refusal: busy(subject) });
  spoil();
  return result;
}

export function predict({ world, subject, steps, random }: Call): Promise<unknown> | void {
  if (subject.isFitOpen) return;
  const { model, plain, batchSize, training } = subject;
  const isOneBatch = random.uniform(0, 1) < 0.5;
  const samples = random.integer(1, isOneBatch ? batchSize : 3 * batchSize);
  const { x, given, spoil } = samplesOf(subject, random, samples, steps);
  const act = () => (isOneBatch ? model.predictOnBatch(given[0]) : model.predict(given[0]));
  const check = ({ data }: { data: Float32Array }) => {
    training.finish();
    compare(data, plain.predict(x, samples));
  };
  readWeights(world, subject);
  const result = world.send(subject, isOneBatch ? 'model.predictOnBatch' : 'model.predict', act, check, {
    refusal: busy(subject),
  });
  spoil();
  return result;
}

/** Reads the states of the rows of a batch, or resets them. */
export function rowStates({ world, subject, random }: Call): Promise<unknown> | void {
  const { model, plain, batchSize } = subject;
  readWeights(world, subject);
  if (random.uniform(0, 1) < 0.5) {
    const check = (states: readonly { data: Float32Array }[]) => {
      plain.rowStates.forEach((state, n) => compare(states[n].data, state));
    };
    return world.send(subject, 'model.getStates', () => model.getStates(), check);
  }
  const rows = Array.from({ length: batchSize }, (_, row) => row).filter(() => random.uniform(0, 1) < 0.5);
  if (world.call(subject, 'model.resetStates', () => model.resetStates(rows))) {
    world.inOrder('model.resetStates', () => plain.resetRows(rows));
  }
}

/** The means of the losses of each epoch. */
function meansOf(losses: readonly number[], batches: number): number[] {
  return Array.from({ length: losses.length / batches }, (_, epoch) => {
    const ofEpoch = losses.slice(epoch * batches, (epoch + 1) * batches);
    return ofEpoch.reduce((sum, loss) => sum + loss, 0) / batches;
  });
}
