import { GradientProducts } from '../../operations/products/gradient-products.ts';
import { activateBackward } from './activation-backward.ts';
import type { LayerTraining } from './layer.ts';
import { TrainedRecurrence } from './recurrent-training.ts';

/** The value of `Recording.training` in updates that train. Nothing that a page without an optimizer loads may import it. */
export const layerTraining: LayerTraining = {
  products: (recording, shape) => new GradientProducts(recording, shape),
  activation: activateBackward,
  recurrent: (recording, layer) => new TrainedRecurrence(recording, layer),
};
