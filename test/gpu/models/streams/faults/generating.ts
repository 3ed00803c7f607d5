import {
  ShapeError,
  ValueError,
  type GeneratedClasses,
  type GenerateOptions,
  type OutputArray,
  type Sampling,
} from '../../../../../src/index.ts';
import { sampleClass } from '../../../../../src/preprocessing/index.ts';
import { pickOf, type Call } from './call.ts';
import { areClose, compareOutputs } from './compare.ts';
import { chunkOf, type Given, type Random } from './inputs.ts';
import { readWeights } from './model-operations.ts';
import type { NetworkKind } from './network-kinds.ts';
import { copyOf, type PlainState } from './plain-model.ts';
import { checkSaved, factsOf } from './snapshots.ts';
import type { OpenStream, Subject } from './subject.ts';

/** Steps that are to be generated. */
interface Drawn {
  stream: OpenStream;
  steps: number;
  options: GenerateOptions;
  from?: Given;
}

/** Errors add up while a stream feeds itself. */
const MOST_STEPS = 30;

function draw({ kind }: Subject, stream: OpenStream, wanted: number, random: Random, chance = 0.5): Drawn {
  const from = random.uniform(0, 1) < chance ? chunkOf(kind, random, random.integer(1, 4)) : undefined;
  const isSampled = kind.feedback === undefined || (kind.givesClasses && random.uniform(0, 1) < 0.7);
  const how = isSampled ? { sample: drawSampling(kind, random) } : { feedback: kind.feedback! };
  return { stream, steps: Math.min(wanted, MOST_STEPS), from, options: { ...how, from: from?.x } };
}

function drawSampling({ outputs }: NetworkKind, random: Random): Sampling {
  return {
    seed: random.uniform(0, 1) < 0.8 ? random.integer(0, 2 ** 32 - 1) : undefined,
    temperature: [undefined, 0, 1, random.uniform(0.3, 2)][random.integer(0, 3)],
    topK: random.uniform(0, 1) < 0.5 ? random.integer(1, outputs + 1) : undefined,
  };
}

/** Lets the plain model generate the same, and compares the results. */
function check(
  subject: Subject,
  { stream, steps, options, from }: Drawn,
  result: GeneratedClasses | OutputArray,
): void {
  if (stream.isBroken) throw new Error('a push before it into the same stream failed, and it did not');
  const { plain, kind } = subject;
  const { state } = stream;
  if (from) plain.push(state, from.data, from.steps);
  if (!state.last) throw new Error('it was not refused, and the stream had no output to go on from');
  if ('data' in result) {
    const used = plain.generate(state, steps, valuesOf(kind));
    return compareOutputs(result.data, used.flat(), result.shape, [steps, kind.outputs]);
  }
  const { classes, seed } = result;
  if (classes.length !== steps) throw new Error(`it gave ${classes.length} classes, expected ${steps}`);
  plain.generate(state, steps, ({ output }, step) => {
    const drawn = classes[step];
    if (!mayBeDrawn(output, drawn, { ...options.sample, seed }, step))
      throw new Error(`step ${step} of seed ${seed} drew class ${drawn} from ${output.join()}`);
    return kind.isIndices ? [drawn] : Array.from(output, (_, k) => Number(k === drawn));
  });
}

/** The next input of a model that feeds its values back. */
function valuesOf({ feedback, outputs }: NetworkKind) {
  return ({ input, output }: NonNullable<PlainState['last']>) =>
    feedback === 'shift' ? [...input.slice(outputs), ...output] : output;
}

/** Whether a class can be drawn from probabilities up to their rounding. */
function mayBeDrawn(
  probabilities: readonly number[],
  drawn: number,
  sample: Sampling & { seed: number },
  step: number,
): boolean {
  return [1 - 3e-4, 1, 1 + 3e-4].some((factor) => {
    const changed = probabilities.map((p, k) => (k === drawn ? p * factor : p));
    return sampleClass(changed, { ...sample, step }) === drawn;
  });
}

/** Whether steps have to be refused, since the stream has no output to go on from. */
const hasNone = ({ stream, from }: Drawn) => !from && !stream.state.last;

/** Notes at the call that its streams are used. */
function use(subject: Subject, { stream, from }: Drawn): void {
  subject.use(stream, from !== undefined);
}

export function generate({ world, subject, pick, steps, random }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  readWeights(world, subject);
  const drawn = draw(subject, stream, steps, random);
  const result = world.send(
    subject,
    `stream.generate of ${drawn.steps} steps`,
    () => stream.stream.generate(drawn.steps, drawn.options),
    (given) => check(subject, drawn, given),
    { onEnd: () => breakStream(drawn), accepts: (error) => hasNone(drawn) && error instanceof ValueError },
  );
  drawn.from?.spoil();
  use(subject, drawn);
  return result;
}

function breakStream({ stream }: Drawn): void {
  stream.isBroken = true;
}

/** Generates in several streams, of which one may be there twice. If one has no output, none goes on. */
export function generateAll({ world, subject, random }: Call): Promise<unknown> | void {
  if (subject.open.length === 0) return;
  readWeights(world, subject);
  const all = Array.from({ length: random.integer(0, 5) }, () => {
    const stream = subject.open[random.integer(0, subject.open.length - 1)];
    // Only when its turn comes a stream is found to have no output since its first push was refused; it fails alone then.
    return draw(subject, stream, random.integer(1, 9), random, stream.wasRefused ? 1 : 0.5);
  });
  const requests = all.map(({ stream, steps, options }) => [stream.stream, steps, options] as const);
  const accepts = (error: unknown) => {
    const fed = new Set<OpenStream>();
    const isOneWithout = all.some((drawn) => {
      const isWithout = hasNone(drawn) && !fed.has(drawn.stream);
      if (drawn.from) fed.add(drawn.stream);
      return isWithout;
    });
    return isOneWithout && error instanceof ValueError;
  };
  const result = world.send(
    subject,
    `model.generateAll of ${all.length} requests`,
    () => subject.model.generateAll(requests),
    (results) => all.forEach((drawn, n) => check(subject, drawn, results[n])),
    { onEnd: () => all.forEach(breakStream), accepts },
  );
  for (const drawn of all) {
    drawn.from?.spoil();
    subject.use(drawn.stream, false);
  }
  return result;
}

/** Generates values until a signal ends it, at once or later. The state behind it tells how many steps were made. */
export function generateAborted({ world, subject, pick, steps, random }: Call): void {
  const stream = pickOf(subject.open, pick);
  const { kind, plain } = subject;
  if (!stream || !kind.feedback) return;
  readWeights(world, subject);
  const controller = new AbortController();
  const reason = new RangeError('enough');
  const drawn = draw(subject, stream, steps, random);
  drawn.options = { feedback: kind.feedback, from: drawn.from?.x, signal: controller.signal };
  let isAborted = false;
  const accepts = (error: unknown) => {
    isAborted = error === reason;
    return isAborted || (hasNone(drawn) && error instanceof ValueError);
  };
  void world.send(
    subject,
    'stream.generate with a signal',
    () => stream.stream.generate(drawn.steps, drawn.options),
    (given) => check(subject, drawn, given),
    { onEnd: () => breakStream(drawn), accepts },
  );
  drawn.from?.spoil();
  use(subject, drawn);
  const [facts, kept] = [factsOf(stream.stream), subject.keep()];
  const act = async () => (kept.snapshot = await stream.stream.save());
  void world.send(subject, 'stream.save behind a signal', act, (saved) => {
    if (isAborted && !hasNone(drawn)) {
      const actual = saved.states.map(({ data }) => data);
      const possible = statesWithin(subject, drawn);
      const reached = possible.filter((state) => areClose(actual, plain.snapshotOf(state)));
      if (reached.length === 0) throw new Error(`this is no state between 0 and ${drawn.steps} steps`);
      const [first, last] = [reached[0], reached.at(-1)!];
      stream.state = { ...first, traced: undefined };
      stream.uncertainSteps = (stream.uncertainSteps ?? 0) + last.steps - first.steps;
    }
    checkSaved(subject, stream, facts, kept, saved);
  });
  const delays = random.integer(0, 3);
  void afterTurns(delays).then(() => controller.abort(reason));
}

/** The states of a stream before and behind each step that is generated. */
function statesWithin({ plain, kind }: Subject, { stream, steps, from }: Drawn): PlainState[] {
  const state = copyOf(stream.state);
  if (from) plain.push(state, from.data, from.steps);
  return [
    copyOf(state),
    ...Array.from({ length: steps }, () => {
      plain.generate(state, 1, valuesOf(kind));
      return copyOf(state);
    }),
  ];
}

/** Settles after so many tasks of the page, or in a microtask. */
async function afterTurns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setTimeout(resolve));
}

export function generateWrong({ world, subject, pick, random }: Call): void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  const { kind } = subject;
  const right = kind.feedback ? { feedback: kind.feedback } : { sample: {} };
  const wrong: [number, unknown][] = [
    [0, right],
    [1.5, right],
    [2, {}],
    [2, { sample: {}, feedback: true }],
    [2, { ...right, steps: 3 }],
    [2, { ...right, from: [] }],
    [2, { ...right, signal: {} }],
    [2, { sample: { temperature: -1 } }],
    [2, { sample: { topK: 0 } }],
    [2, { sample: { seed: 0.5 } }],
    [2, kind.givesClasses ? { feedback: 'back' } : { sample: {} }],
  ];
  const [steps, options] = wrong[random.integer(0, wrong.length - 1)];
  const act = () => stream.stream.generate(steps, options as GenerateOptions);
  world.refused(subject, `stream.generate with ${JSON.stringify(options)}`, act, ValueError, ShapeError);
}
