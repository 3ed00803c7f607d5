import { glorotUniform, orthogonal, type Initializer } from './network/initializers.ts';
import type { LayerDefinition } from './network/layers/layer.ts';
import { lstm, type LstmOptions } from './network/layers/lstm.ts';
import { binaryCrossentropy, type Loss } from './network/objective/losses.ts';
import type { AdamOptions, Optimizer } from './network/optimizer/rules.ts';
import { adam } from './optimizers.ts';

const GATES = 4;

/** Keras 1 kept the gates apart: each was initialized on its own, with the fans of its own matrix. */
const perGate = (initializer: Initializer, gain = 1): Initializer =>
  function* (shape, random) {
    const [rows, columns] = shape;
    const units = columns / GATES;
    const values = new Float32Array(rows * columns);
    for (let gate = 0; gate < GATES; gate++) {
      const block = yield* initializer([rows, units], random);
      for (let index = 0; index < block.length; index++) {
        values[Math.floor(index / units) * columns + gate * units + (index % units)] = gain * block[index];
      }
      yield block.length;
    }
    return values;
  };

/**
 * The settings of Keras 1.0, with which the experiments of 2016 were run: hard sigmoid gates, Glorot and orthogonal
 * initializers for each gate on its own (orthogonal times 1.1), Adam's epsilon 1e-8, and cross-entropy on clipped
 * probabilities. Everything else is as today; options given to a function win.
 *
 * @see keras 1.0.6: keras/layers/recurrent.py, initializations.py, optimizers.py
 */
export const keras1 = {
  lstm: (options: LstmOptions): LayerDefinition =>
    lstm({
      recurrentActivation: 'hardSigmoidLegacy',
      kernelInitializer: perGate(glorotUniform),
      recurrentInitializer: perGate(orthogonal, 1.1),
      ...options,
    }),
  adam: (options: AdamOptions = {}): Optimizer => adam({ epsilon: 1e-8, ...options }),
  binaryCrossentropy: (): Loss => binaryCrossentropy({ clipped: true }),
};
