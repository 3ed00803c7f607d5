import { describe, test } from 'vitest';
import { activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import { lstmForward } from '../../../src/shaders/lstm/lstm-forward.ts';
import { timeChunkStruct } from '../../../src/shaders/recurrent/recurrent-constants.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { kerasDropouts, setUp } from '../../golden/keras-dropout.ts';
import { swapOuter } from '../../reference/arrays.ts';
import { frames, runKernel, unwritten } from '../run-kernel.ts';
import { packedGates } from './lstm-arrays.ts';

describe("lstm-forward with masks that Keras drew gives Keras' outputs", () => {
  test.each(kerasDropouts)('$name', async (recorded) => {
    const { shape, weights, dropped } = setUp(recorded);
    const { batch, steps, features, units } = shape;
    const { kernel, recurrentKernel, bias } = weights;
    const width = 4 * units;
    // x · kernel + bias of what the masks leave, which does not need the states.
    const inputGates = Float64Array.from({ length: batch * steps * width }, (_, index) => {
      const [column, row] = [index % width, Math.floor(index / width)];
      const mask = dropped.input?.[Math.floor(column / units)];
      let sum = bias[column];
      for (let k = 0; k < features; k++) {
        const factor = mask?.[Math.floor(row / steps) * features + k] ?? 1;
        sum += recorded.x.data[row * features + k] * factor * kernel[k * width + column];
      }
      return sum;
    });
    const zeros = new Float32Array(batch * units);
    const { output } = await runKernel(
      lstmForward.float32.alone,
      {
        chunk: frames(timeChunkStruct, { first: 0, count: steps }),
        input: unwritten(1),
        weights: packedGates([...kernel, ...bias, ...recurrentKernel], units),
        mask: unwritten(1),
        dropout_mask: dropped.state?.flat() ?? unwritten(1),
        h: [...zeros, ...unwritten(steps * batch * units)],
        c: [...zeros, ...unwritten(steps * batch * units)],
        gates: packedGates(swapOuter(inputGates, [batch, steps, width]), units),
        output: unwritten(steps * batch * units),
      },
      {
        ROWS: batch,
        UNITS: units,
        RECURRENT_ROW: features + 1,
        STEPS: steps,
        RETURN_SEQUENCES: 1,
        BACKWARDS: 0,
        MASKED: 0,
        ZERO_OUTPUT: 0,
        CONTINUES_OUTPUT: 0,
        RECURRENT_DROPOUT: Number(dropped.state !== undefined),
        FUSED_STEPS: 1,
        THREADS: 1,
        TILE_ROWS: 1,
        UNROLLED_CELLS: 0,
        INPUTS: 0,
        PERSISTENT_UNITS: 0,
        SAVE_FOR_BACKWARD: 1,
        ACTIVATION: activationNumber('tanh'),
        RECURRENT_ACTIVATION: activationNumber('sigmoid'),
      },
      [1, batch, 1],
    );
    const expected = swapOuter(recorded.output.data, [batch, steps, units]);
    const reason = 'two float32 implementations over five steps';
    expectRecorded(output, expected, { atol: 2e-6, rtol: 0, reason, what: 'Keras, outputs with dropout' });
  });
});
