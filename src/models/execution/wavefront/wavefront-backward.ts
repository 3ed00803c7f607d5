import type { Tensor } from '../../../runtime/tensor.ts';
import { lstmWavefrontBackward } from '../../../shaders/lstm/lstm-wavefront-backward.ts';
import { recurrentTranspose } from '../../../shaders/recurrent/recurrent-transpose.ts';
import { variantsOf } from '../../../shaders/variant.ts';
import { LSTM_BACKWARD_KERNELS } from '../../network/layers/lstm-backward.ts';
import { GradientProducts } from '../../operations/products/gradient-products.ts';
import { partsOf, type Slabs } from '../layered/slabs.ts';
import { STACK_KERNELS } from './stack-task.ts';
import type { Wavefront, WavefrontTraining } from './wavefront.ts';

export const wavefrontTraining: WavefrontTraining = {
  kernels: [...STACK_KERNELS, ...variantsOf(lstmWavefrontBackward), ...LSTM_BACKWARD_KERNELS],
  backward: recordBackward,
};

function recordBackward(
  wavefront: Wavefront,
  output_gradient: Tensor,
  wantsInputGradient: boolean,
): Tensor | undefined {
  const { stack, recordings, recording, sizes, diagonals, h, c, gates, loading, input } = wavefront;
  const [steps, rows, units] = sizes;
  const layers = stack.length;
  const transposed = recordTransposes(wavefront);
  const carry = wavefront.tensor('carry', [layers, rows, units]);
  const bindings = { transposed: transposed.whole, gates, c: c.whole, output_gradient, carry };
  const constants = { ...wavefront.constants('backward'), MATRIX: transposed.stride / 4 };
  const kernel = lstmWavefrontBackward[loading];
  const [x, y] = kernel.grid(constants);
  for (const { diagonal, layers: count } of diagonals.toReversed()) {
    recording.plan.add(kernel, { ...bindings, diagonal }, constants, [x, y, count]);
  }

  const dz = partsOf(gates, [steps, rows, 4 * units]);
  const products = stack.map(({ features }, layer) => {
    return new GradientProducts(recordings[layer], { rows: steps * rows, features, width: 4 * units });
  });
  stack.forEach(({ options }, n) => {
    const hidden = h.parts[n];
    const from = n === 0 ? input : h.parts[n - 1].view('h from below', sizes, rows * units);
    const factors = { input: from, d: dz[n], hasBias: options.useBias, recurrent: { hidden, units } };
    products[n].weightGradient(factors);
  });
  if (!wantsInputGradient) return undefined;
  const dx = wavefront.tensor('dx', input.shape);
  products[0].inputGradient(dz[0], dx);
  return dx;
}

/** Records the transposes of each layer's recurrent kernel and, behind it, of the kernel of the layer above. */
function recordTransposes(wavefront: Wavefront): Slabs {
  const { stack, recordings, recording, sizes } = wavefront;
  const [, , units] = sizes;
  const slabs = wavefront.slabs('transposed', [units, 4 * units], 2 * stack.length - 1);
  const transpose = (layer: number, RECURRENT_ROW: number, transposed: Tensor) => {
    const [weights] = recordings[layer].weights;
    recording.plan.add(recurrentTranspose.float32, { weights, transposed }, { UNITS: units, RECURRENT_ROW });
  };
  stack.forEach(({ features }, layer) => {
    transpose(layer, features + 1, slabs.parts[2 * layer]);
    // The kernel of the layer begins at the first row of its weights.
    if (layer > 0) transpose(layer, 0, slabs.parts[2 * layer - 1]);
  });
  return slabs;
}
