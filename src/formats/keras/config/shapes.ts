import { ValueError, type SampleShape } from '../../../index.ts';
import type { LayerContents } from '../../contents.ts';
import { convolvedSteps, type Windows } from '../../convolved-steps.ts';

/** The shape of a layer's output for an input of a shape, both without the batch. */
export function outputShape({ type, options }: LayerContents, input: SampleShape): SampleShape {
  const steps = input[0];
  switch (type) {
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
      return options.returnSequences === true ? [steps, options.units as number] : [options.units as number];
    case 'bidirectional': {
      const inner = outputShape(options.layer as LayerContents, input);
      const isJoined = (options.mergeMode ?? 'concat') === 'concat';
      return isJoined ? [...inner.slice(0, -1), 2 * inner.at(-1)!] : inner;
    }
    case 'dense':
      return [...input.slice(0, -1), options.units as number];
    case 'conv1d':
      return [steps && convolvedSteps(options as unknown as Windows, steps), options.filters as number];
    case 'embedding':
      return [steps, options.outputDim as number];
    case 'repeatVector':
      return [options.n as number, steps];
    case 'lastStep':
      return [input[1]];
    case 'dropout':
    case 'masking':
    case 'activation':
      return input;
    default:
      throw new ValueError(`saveModel: layer ${type} has no counterpart in Keras.`);
  }
}

/** Whether a layer gives its mask to the layers behind it. */
export function passesMask({ type, options }: LayerContents, hasMask: boolean): boolean {
  switch (type) {
    case 'masking':
      return true;
    case 'embedding':
      return options.maskZero === true;
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
      return hasMask && options.returnSequences === true && options.passMask !== false;
    case 'bidirectional':
      return passesMask(options.layer as LayerContents, hasMask);
    case 'conv1d':
    case 'repeatVector':
    case 'lastStep':
      return false;
    default:
      return hasMask;
  }
}
