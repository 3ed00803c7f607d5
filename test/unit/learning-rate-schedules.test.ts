import { describe, expect, test } from 'vitest';
import {
  cosineDecay,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
  type LearningRateSchedule,
} from '../../src/models/network/optimizer/learning-rate-schedules.ts';

const first = { initialLearningRate: 0.1, decaySteps: 10 };

describe('learning-rate schedules', () => {
  // Values by hand from the formulas of keras/src/optimizers/schedules/learning_rate_schedule.py.
  const cases: [string, LearningRateSchedule, [iteration: number, rate: number][]][] = [
    [
      'exponential',
      exponentialDecay({ ...first, decayRate: 0.25 }),
      [
        [0, 0.1],
        [5, 0.05],
        [10, 0.025],
        [20, 0.00625],
      ],
    ],
    [
      'exponential, in stairs',
      exponentialDecay({ ...first, decayRate: 0.5, staircase: true }),
      [
        [9, 0.1],
        [10, 0.05],
        [29, 0.025],
      ],
    ],
    [
      'inverse time',
      inverseTimeDecay({ ...first, decayRate: 1 }),
      [
        [0, 0.1],
        [10, 0.05],
        [30, 0.025],
      ],
    ],
    [
      'inverse time, in stairs',
      inverseTimeDecay({ ...first, decayRate: 1, staircase: true }),
      [
        [9, 0.1],
        [10, 0.05],
      ],
    ],
    [
      'polynomial',
      polynomialDecay({ ...first, endLearningRate: 0.02, power: 2 }),
      [
        [0, 0.1],
        [5, 0.04],
        [10, 0.02],
        [99, 0.02],
      ],
    ],
    [
      'polynomial, again and again',
      polynomialDecay({ ...first, endLearningRate: 0, cycle: true }),
      [
        [0, 0.1],
        [10, 0],
        [15, 0.025],
        [20, 0],
      ],
    ],
    [
      'cosine',
      cosineDecay(first),
      [
        [0, 0.1],
        [5, 0.05],
        [10, 0],
        [11, 0],
      ],
    ],
    [
      'cosine, not to nothing',
      cosineDecay({ ...first, alpha: 0.5 }),
      [
        [0, 0.1],
        [5, 0.075],
        [99, 0.05],
      ],
    ],
    [
      'cosine after a rise',
      cosineDecay({ ...first, initialLearningRate: 0, warmupTarget: 0.2, warmupSteps: 4 }),
      [
        [0, 0],
        [2, 0.1],
        [4, 0.2],
        [9, 0.1],
        [14, 0],
      ],
    ],
    [
      'pieces',
      piecewiseConstantDecay({ boundaries: [2, 4], values: [3, 2, 1] }),
      [
        [0, 3],
        [2, 3],
        [3, 2],
        [4, 2],
        [5, 1],
      ],
    ],
  ];
  test.each(cases)('%s', (_name, schedule, values) => {
    for (const [iteration, rate] of values) expect(schedule(iteration)).toBeCloseTo(rate, 14);
  });

  test.each([
    [
      'decaySteps of 0',
      () => exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 }),
      'decaySteps is 0',
    ],
    [
      'a missing rate',
      () => cosineDecay({ decaySteps: 1 } as Parameters<typeof cosineDecay>[0]),
      'initialLearningRate',
    ],
    ['falling boundaries', () => piecewiseConstantDecay({ boundaries: [2, 1], values: [1, 2, 3] }), 'rising'],
    ['too few values', () => piecewiseConstantDecay({ boundaries: [2], values: [1] }), 'one value more'],
    [
      'an unknown option',
      () => polynomialDecay({ ...first, end: 1 } as Parameters<typeof polynomialDecay>[0]),
      'no option "end"',
    ],
    [
      'stairs that are no truth value',
      () => exponentialDecay({ ...first, decayRate: 1, staircase: 'no' as never }),
      'staircase is "no"',
    ],
    [
      'a rise to nowhere',
      () => cosineDecay({ ...first, warmupSteps: 3 }),
      'warmupSteps is 3 and warmupTarget undefined',
    ],
    [
      'a rise of less than nothing',
      () => cosineDecay({ ...first, warmupTarget: 1, warmupSteps: -1 }),
      'warmupSteps is -1',
    ],
  ])('refuse %s', (_what, call, says) => expect(call).toThrow(says));
});
