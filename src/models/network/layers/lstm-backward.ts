import { lstmBackwardSplitK } from '../../../shaders/lstm/lstm-backward-split-k.ts';
import { lstmBackward } from '../../../shaders/lstm/lstm-backward.ts';
import { VECTOR_WORDS } from '../../../shaders/precision.ts';
import { recurrentTranspose } from '../../../shaders/recurrent/recurrent-transpose.ts';
import { variantsOf } from '../../../shaders/variant.ts';
import type { Cell, RecordBackward } from '../../operations/recurrence/cell.ts';
import { baseline, lstmConstants, LSTM_KERNELS, splitKConstants, type LstmCell } from './lstm.ts';

/** Every kernel that the backward pass of an LSTM may add besides products. */
export const LSTM_BACKWARD_KERNELS = variantsOf(lstmBackward, lstmBackwardSplitK, recurrentTranspose);

const KERNELS = [...LSTM_KERNELS, ...LSTM_BACKWARD_KERNELS];

/** The cell of an LSTM with its backward pass. */
export function trainableLstm(cell: LstmCell): Cell {
  return {
    ...cell,
    kernels: KERNELS,
    record: (loop) => {
      const recorded = cell.record(loop);
      const { plan, tensor, units, grid, chunks, precision, loading, mask, gates } = loop;
      const [h, c] = loop.states;
      const backward: RecordBackward = (output_gradient) => {
        const carry = loop.carry();
        const transposed = tensor('recurrent kernel transposed', [units, VECTOR_WORDS[precision] * units]);
        const { UNITS, RECURRENT_ROW } = loop.constants;
        plan.add(recurrentTranspose[precision], { weights: loop.weights, transposed }, { UNITS, RECURRENT_ROW });
        for (const chunk of chunks.toReversed()) {
          const bindings = { chunk, transposed, mask, gates, c, output_gradient, carry };
          if (loop.splitKUnits) {
            const constants = splitKConstants(loop, cell.recurrentActivation, 'backward');
            plan.add(lstmBackwardSplitK[precision], bindings, constants);
          } else {
            const kernel = lstmBackward[precision][loading];
            const constants = lstmConstants(loop, cell.recurrentActivation, 'backward');
            plan.add(kernel, bindings, constants, grid, baseline(loop, kernel, constants));
          }
        }
        return [{ hidden: h, order: 'processing', firstGate: 0, gates: 4 }];
      };
      return { ...recorded, backward };
    },
  };
}
