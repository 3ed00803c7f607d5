import { describe, expect, test } from 'vitest';
import { ValueError } from '../../src/runtime/errors.ts';
import { minMaxNorm } from '../../src/models/network/optimizer/constraints.ts';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  huber,
  lossOf,
} from '../../src/models/network/objective/losses.ts';
import { metricOf } from '../../src/models/network/objective/metrics.ts';
import { adam, rmsprop, sgd } from '../../src/models/network/optimizer/rules.ts';
import { l2 } from '../../src/models/network/objective/regularizers.ts';
import { earlyStopping } from '../../src/models/training/callbacks/early-stopping.ts';
import { reduceLROnPlateau } from '../../src/models/training/callbacks/reduce-lr-on-plateau.ts';

const anything = (value: unknown) => value as never;
const metric = (given: unknown, outputs: number, loss: string) =>
  metricOf('compile', given, [outputs], lossOf('compile', loss, [outputs]), false);

describe('options that cannot be honoured are refused by name', () => {
  const cases: [what: string, call: () => unknown, says: string][] = [
    ['two ways of clipping', () => adam({ clipnorm: 1, clipvalue: 1 }), 'clipnorm and clipvalue are'],
    ['a clip below zero', () => sgd({ clipvalue: -1 }), 'clipvalue is -1'],
    ['gathering of one gradient', () => sgd({ gradientAccumulationSteps: 1 }), 'gradientAccumulationSteps is 1'],
    ['a rho of 1', () => rmsprop({ rho: 1 }), 'rho is 1'],
    ['a rate that is no number', () => sgd({ learningRate: anything('fast') }), 'learningRate is "fast"'],
    ['amsgrad that is no truth value', () => adam({ amsgrad: anything(1) }), 'amsgrad is 1'],
    [
      'logits that are clipped',
      () => binaryCrossentropy({ fromLogits: true, clipped: true }),
      'logits are not clipped',
    ],
    ['an unknown option of a loss', () => huber(anything({ alpha: 1 })), 'no option "alpha"'],
    ['too much smoothing', () => categoricalCrossentropy({ labelSmoothing: 2 }), 'labelSmoothing is 2'],
    ['an unknown loss', () => lossOf('compile', 'hinge', [1]), 'loss is "hinge"'],
    ['classes of one output', () => lossOf('compile', 'sparseCategoricalCrossentropy', [1]), 'this model has one'],
    ['an unknown metric', () => metric('auc', 1, 'huber'), 'metrics is "auc"'],
    ['a metric called loss', () => metric({ metric: 'mae', name: 'loss' }, 1, 'huber'), 'name is "loss"'],
    ['class numbers where none are', () => metric('sparseCategoricalAccuracy', 3, 'huber'), 'class numbers as targets'],
    ['errors of class numbers', () => metric('mae', 3, 'sparseCategoricalCrossentropy'), 'shaped as the output'],
    ['a penalty below zero', () => l2(-1), 'l2 is -1'],
    ['bounds the wrong way round', () => minMaxNorm({ lowest: 2, largest: 1 }), 'lowest is 2, largest 1'],
    ['an unknown mode', () => earlyStopping({ mode: anything('best') }), 'mode is "best"'],
    ['a negative patience', () => earlyStopping({ patience: -1 }), 'patience is -1'],
    ['a factor that lengthens', () => reduceLROnPlateau({ factor: 2 }), 'factor is 2'],
  ];
  test.each(cases)('%s', (_what, call, says) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(says);
  });
});

describe("'accuracy' is resolved as in Keras", () => {
  test.each([
    ['one output', 1, 'binaryCrossentropy', { METRIC: 0, THRESHOLD: 0.5 }],
    ['several outputs', 3, 'categoricalCrossentropy', undefined],
    ['several outputs, each on its own', 3, 'binaryCrossentropy', undefined],
    ['several outputs, class numbers', 3, 'sparseCategoricalCrossentropy', undefined],
  ])('%s', (_what, outputs, loss, ofElements) => {
    const found = metric('acc', outputs, loss);
    expect(found.name).toBe('acc');
    expect(found.ofElements).toEqual(ofElements);
  });
});
