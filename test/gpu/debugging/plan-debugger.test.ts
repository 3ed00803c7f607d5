import { describe, expect, test } from 'vitest';
import { rng } from '../../harness/random.ts';
import { array, lstmAndHead, makeModel, setWeights, weightsOf, type ModelSpec } from '../models/builders/make-model.ts';
import { lstmUpdateTwin } from './lstm-update-twin.ts';
import { describeDifference, PlanDebugger, type Expected } from './plan-debugger.ts';

const SHAPE = { batch: 2, steps: 3, features: 20, units: 3 };
const LEARNING_RATE = 0.01;

/** Far above the roundings of float32 on numbers of this size, and far below what a wrong term makes of them. */
const CLOSE = { atol: 5e-7, rtol: 1e-5 };

/** An update of an LSTM with a head, ready to run dispatch by dispatch, and what it should give. */
async function makeUpdate(schedule: ModelSpec['schedule']) {
  const { batch, steps, features, units } = SHAPE;
  const random = rng(11);
  const model = await makeModel({
    inputShape: [steps, features],
    layers: lstmAndHead(units, true),
    batchSize: batch,
    optimizer: { kind: 'adam', learningRate: LEARNING_RATE },
    schedule,
  });
  await setWeights(
    model,
    (await weightsOf(model)).map(({ length }) => random.array(length, 0.4)),
  );
  const states = [random.array(batch * units, 0.4), random.array(batch * units, 0.4)];
  model.setStates(states.map((state) => array(state, [batch, units])));
  const x = random.array(batch * steps * features, 1);
  const y = [0, 1];
  const weights = await weightsOf(model);
  const plan = await PlanDebugger.record(() =>
    model.trainOnBatch(array(x, [batch, steps, features]), array(y, [batch, 1])),
  );
  const twin = lstmUpdateTwin({ ...SHAPE, learningRate: LEARNING_RATE, weights, states, x, y }, plan.kernels);
  return { plan, twin };
}

/** A mistake for each kernel of the update: a sign, an index, a factor. */
const mistakes: [kernel: string, right: RegExp, wrong: string][] = [
  ['batch-gather', /\(index \/ FEATURES\) % ROWS/, '(index / FEATURES + 1) % ROWS'],
  ['state-gather', /\* UNITS \+ index % UNITS/, '* UNITS + (index + 1) % UNITS'],
  ['product-split-k', /sums \+ block_of_bias/, 'sums - block_of_bias'],
  ['lstm-forward', /f \* c \+ i \* candidate/, 'f * c - i * candidate'],
  ['binary-crossentropy', /share \/ f32\(update\.row_count\)/, 'share'],
  ['metric', /weight_sum \+= weight/, 'weight_sum -= weight'],
  [
    'recurrent-transpose',
    /element % UNITS\) \* UNITS \+ element \/ UNITS/,
    'element / UNITS) * UNITS + element % UNITS',
  ],
  ['lstm-backward', /dc_sum \* c \*/, 'dc_sum * new_c *'],
  ['adam', /parameters\[m\] -=/, 'parameters[m] +='],
  ['state-scatter', /state\[FIRST \* UNITS \+ index\]/, 'state[index]'],
];

describe.each(['layered', 'stepped'] as const)('an update of an LSTM, %s', (schedule) => {
  test('agrees with its twin after every dispatch', async () => {
    const { plan, twin } = await makeUpdate(schedule);
    const unknown: string[] = [];
    const noting: Expected = (written) => {
      const expected = twin(written);
      if (!expected) unknown.push(`${written.kernel} ${written.binding}`);
      return expected;
    };
    expect(await plan.firstDifference(noting, CLOSE)).toBeUndefined();
    // The scratch memory of the backward pass has no twin, and no kernel of the update is without a mistake below.
    expect(new Set(unknown)).toEqual(new Set(['lstm-backward carry']));
    expect(new Set(plan.kernels)).toEqual(new Set(mistakes.map(([kernel]) => kernel)));
  });

  test('names the kernel that is wrong, whichever it is', async () => {
    const { plan, twin } = await makeUpdate(schedule);
    for (const [kernel, right, wrong] of mistakes) {
      const broken = plan.withKernel(kernel, (wgsl) => wgsl.replace(right, wrong));
      const difference = await broken.firstDifference(twin, CLOSE);
      expect(difference?.kernel).toBe(kernel);
      expect(difference?.n).toBe(plan.kernels.indexOf(kernel, kernel === 'product-split-k' ? 4 : 0));
    }
    // What ran before has left nothing behind.
    expect(await plan.firstDifference(twin, CLOSE)).toBeUndefined();
  });
});

describe('a plan debugger', () => {
  test('says in a line which dispatch, kernel, tensor and number is wrong', async () => {
    const { plan, twin } = await makeUpdate('stepped');
    const broken = plan.withKernel('lstm-backward', (wgsl) => wgsl.replace('dc_sum * c *', 'dc_sum * new_c *'));
    const difference = (await broken.firstDifference(twin, CLOSE))!;
    // The last step is the first of the backward pass, and it is the gate f that reads c; columns go i, f, c, o.
    expect(describeDifference(difference)).toMatch(
      /^dispatch 15, lstm-backward: gates \("lstm gates" \[3, 2, 12\]\) is wrong at \[2, 0, 1\]: got -?[\de.-]+, expected -?[\de.-]+; 6 of 72 numbers are wrong$/,
    );
  });

  test('finds the kernel that makes the first NaN, without a twin', async () => {
    const { plan } = await makeUpdate('layered');
    const broken = plan.withKernel('lstm-forward', (wgsl) =>
      wgsl.replace('o * activation(new_c)', 'sqrt(new_c - 9.0)'),
    );
    const difference = (await broken.firstDifference(() => undefined, CLOSE))!;
    expect(describeDifference(difference)).toContain(
      'lstm-forward: h ("lstm h" [4, 2, 3]) is wrong at [1, 0, 0]: got NaN',
    );
    expect(describeDifference(difference)).toContain('expected a finite number');
  });

  test('lists what every dispatch writes', async () => {
    const { plan } = await makeUpdate('layered');
    const lines = (await plan.table()).split('\n');
    expect(lines[0]).toMatch(/^0, batch-gather: batch \("batch input" \[3, 2, 20\]\) -[\d.]+ to [\d.]+$/);
    expect(lines.filter((line) => line.startsWith('5, ')).map((line) => line.split(' ')[2])).toEqual([
      'h',
      'c',
      'gates',
      'output',
    ]);
    expect(lines.at(-1)).toContain(`${plan.length - 1}, state-scatter: slots ("slots of lstm/c" [6, 3])`);
  });

  test('runs the first dispatches in one submit to the same memory as one by one', async () => {
    const { plan } = await makeUpdate('stepped');
    for await (const all of plan.steps()) {
      const [{ n }] = all;
      if (n < 8 || n > 16) continue;
      await plan.run(n + 1);
      expect(await plan.written(n)).toEqual(all);
    }
  });

  test('refuses a change that changes nothing, and a model whose plans were made before', async () => {
    const { plan } = await makeUpdate('layered');
    expect(() => plan.withKernel('adam', (wgsl) => wgsl.replace('no such text', ''))).toThrow(
      'nothing changes in adam',
    );
    const spec: ModelSpec = { inputShape: [1, 1], layers: lstmAndHead(1, false), schedule: 'layered' };
    const model = await makeModel(spec);
    const train = () => model.trainOnBatch(array([1], [1, 1, 1]), array([1], [1, 1]));
    await train();
    await expect(PlanDebugger.record(train)).rejects.toThrow('the model has run before');
  });
});
