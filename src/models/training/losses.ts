import type { FrameBinding, Plan } from '../../runtime/plan.ts';
import type { Shape } from '../../runtime/shape.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { binaryCrossentropy } from '../../shaders/binary-crossentropy.ts';
import { meanSquaredError } from '../../shaders/mean-squared-error.ts';
import { oneOf } from '../layers/options.ts';

export const LOSSES = ['binaryCrossentropy', 'meanSquaredError'] as const;
export type LossName = (typeof LOSSES)[number];

/** What losses and metrics share when they are recorded. */
export interface ReportRecording {
  plan: Plan;
  update: FrameBinding;
  target: Tensor;
  journal: Tensor;
  /** Constants of `prelude/loss.wgsl` and of `prelude/reduce.wgsl`. */
  constants: { STEPS: number; ROWS: number; FEATURES: number; COLUMNS: number; COLUMN: number; THREADS: number };
  tensor: (label: string, shape: Shape) => Tensor;
}

export interface Loss {
  readonly name: LossName;
  /** The final activation that the loss works out itself, from the values before it. */
  readonly takesOver?: 'sigmoid';
  /** Records the loss, and the gradient of what it was given. */
  record(recording: ReportRecording, output: Tensor, tookOver: boolean): { prediction: Tensor; gradient: Tensor };
}

const losses: Record<LossName, Loss> = {
  binaryCrossentropy: {
    name: 'binaryCrossentropy',
    takesOver: 'sigmoid',
    record({ plan, update, target, journal, constants, tensor }, output, tookOver) {
      const prediction = tensor('prediction', output.shape);
      const gradient = tensor('loss gradient', output.shape);
      plan.add(
        binaryCrossentropy,
        { update, output, target_value: target, prediction, gradient, journal },
        { ...constants, FROM_LOGITS: tookOver ? 1 : 0 },
      );
      return { prediction, gradient };
    },
  },
  meanSquaredError: {
    name: 'meanSquaredError',
    record({ plan, update, target, journal, constants, tensor }, output) {
      const gradient = tensor('loss gradient', output.shape);
      plan.add(meanSquaredError, { update, prediction: output, target_value: target, gradient, journal }, constants);
      return { prediction: output, gradient };
    },
  },
};

/** @throws ValueError if there is no such loss */
export function lossByName(where: string, name: unknown): Loss {
  return losses[oneOf(where, 'loss', name, LOSSES)];
}
