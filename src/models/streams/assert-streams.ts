import { ValueError } from '../../runtime/errors.ts';
import type { Layer } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';

/**
 * @throws ValueError unless the outputs for a sequence are the same however it is cut into chunks: every layer that carries
 * anything from step to step has to be stateful
 */
export function assertStreams(where: string, { layers, slots }: Network): void {
  if (!slots) {
    throw new ValueError(
      `${where}: slots is given, and no layer is stateful, so there is no state to keep. Build a layer with stateful: true, ` +
        `e.g. lstm.`,
    );
  }
  let masking: Layer | undefined;
  for (const layer of layers) {
    if (layer.isRecurrent) masking = undefined;
    else if (layer.paddingValue !== undefined) masking = layer;
    const obstacle = obstacleOf(layer, masking);
    if (obstacle === undefined) continue;
    throw new ValueError(
      `${where}: slots is given, and ${layer.name} ${obstacle}, so outputs would depend on how a stream is cut into chunks. ` +
        `Leave out slots, or the layer.`,
    );
  }
}

/** @param masking the layer that masks its input, if no recurrent layer is between, whose outputs masked steps would repeat */
function obstacleOf(
  { isRecurrent, isStateful, needsWholeSequences, outputShape }: Layer,
  masking: Layer | undefined,
): string | undefined {
  if (isRecurrent && !isStateful) return 'is not stateful';
  // A layer that gives the last step alone gives that of each chunk, as a recurrent layer without returnSequences does.
  const givesLastStep = outputShape.length === 1;
  if (givesLastStep && masking) return `follows ${masking.name} with no recurrent layer between`;
  return needsWholeSequences && (isRecurrent || !givesLastStep) ? 'needs whole sequences' : undefined;
}
