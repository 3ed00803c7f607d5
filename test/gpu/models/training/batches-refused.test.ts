import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError, type Batch, type Model } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { batchesOf, stateless, watched, type Samples } from '../builders/batches.ts';
import { anything, expectError, type Case } from '../builders/expect-error.ts';
import { makeModel, makeSamples } from '../builders/make-model.ts';

describe('what cannot be is refused:', () => {
  const samples: Samples = makeSamples(rng(7), stateless, 6);
  const batches = () => batchesOf(samples, 2);
  const cases: Case<(model: Model) => unknown>[] = [
    [
      'an iterator for several epochs',
      (model) => model.fit(watched<Batch>(batches()).iterator, { epochs: 3 }),
      ValueError,
      ['model.fit', 'can be gone through once', '3 epochs', '() => batches()'],
    ],
    [
      'a function that returns a spent iterator',
      (model) => {
        const { iterator } = watched<Batch>(batches());
        return model.fit(() => iterator, { epochs: 2 });
      },
      ValueError,
      ['model.fit: there was no batch', 'in every epoch', 'once'],
    ],
    ['no batch at all', (model) => model.evaluate(() => []), ValueError, ['model.evaluate: there was no batch']],
    [
      'a function that returns no iterable',
      (model) => model.predict(anything(() => 1)),
      ValueError,
      ['model.predict: the function returned 1, expected an iterable'],
    ],
    [
      'a class',
      (model) => model.fit(anything(class Batches {})),
      ValueError,
      ['model.fit: the batches are a class, expected an iterable', 'an object of that class'],
    ],
    [
      'an iterable without an iterator',
      (model) => model.predict(anything({ [Symbol.iterator]: () => 5 })),
      ValueError,
      ['model.predict: [Symbol.iterator]() of the batches gave 5, expected { next() }'],
    ],
    [
      'an iterator that answers with nothing',
      (model) => model.evaluate(anything({ [Symbol.iterator]: () => ({ next: () => undefined }) })),
      ValueError,
      ['model.evaluate: next() of the batches gave undefined, expected { done, value }. A generator function'],
    ],
    [
      'an asynchronous iterator that answers with a number',
      (model) => model.fit(anything({ [Symbol.asyncIterator]: () => ({ next: async () => 7 }) })),
      ValueError,
      ['model.fit: next() of the batches gave 7, expected { done, value }'],
    ],
    [
      'a batch that is none',
      (model) => model.fit(() => [anything(samples.x)]),
      ShapeError,
      ['model.fit: batch 0 is', 'expected samples and targets in a list, [x, y], or by name, { x, y }'],
    ],
    [
      'a batch without targets',
      (model) => model.evaluate(() => [anything([samples.x])]),
      ShapeError,
      ['model.evaluate: batch 0 is', '[x, y]'],
    ],
    [
      'a batch with a slip',
      (model) => model.fit(() => [anything({ ...samples, sample_weight: 1 })]),
      ValueError,
      ['model.fit: batch 0: there is no option "sample_weight". Did you mean "sampleWeight"?'],
    ],
    [
      'targets beside batches',
      (model) => model.fit(anything(batches), anything(samples.y)),
      ValueError,
      ['model.fit: y is', 'batches bring their own', 'fit(batches, options)'],
    ],
    [
      'batches in an array',
      (model) => model.fit(anything(batches()), anything({ epochs: 2 })),
      ValueError,
      ['model.fit: y is { epochs: 2 }', 'fit(() => batches, options)'],
    ],
    [
      'options that concern arrays',
      (model) => model.fit(batches, anything({ shuffle: true })),
      ValueError,
      ['model.fit: there is no option "shuffle"'],
    ],
    [
      'a mask of resets',
      (model) => model.fit(batches, anything({ resetStates: [1, 0] })),
      ValueError,
      ['model.fit: resetStates is', "'never', 'epoch'"],
    ],
  ];
  test.each(cases)('%s', async (_what, call, error, says) => {
    const model = await makeModel(stateless);
    await expectError(() => call(model), error, says);
    expect((await model.fit(samples.x, samples.y)).history.loss).toHaveLength(1);
  });
});
