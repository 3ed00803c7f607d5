import { onTestFailed, test } from 'vitest';
import { randomSeed, rng } from '../../../harness/random.ts';
import { drawCase } from '../../../reference/drawn-numbers.ts';
import { behaviourOf } from '../../../reference/drawn-twin.ts';
import { expectBehaviour, libraryBehaviour } from '../builders/drawn-model.ts';

const numbered = Array.from({ length: 12 }, (_, n) => n);

const close = { atol: 5e-6, rtol: 1e-5, reason: 'float32 against float64, which was 9e-7 in 600 models' };

test.each(numbered)('random model %i is its twin, in every schedule', async (n) => {
  const { model, numbers } = drawCase(rng(randomSeed() + n));
  onTestFailed(() => console.error(JSON.stringify(model)));
  const expected = behaviourOf(model, numbers, numbers.weights);
  for (const schedule of ['fused', 'stepped'] as const) {
    expectBehaviour(await libraryBehaviour(model, numbers, schedule), expected, close);
  }
});
