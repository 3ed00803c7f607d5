import { layerTraining } from '../../network/layers/layer-training.ts';
import { wavefrontTraining } from '../wavefront/wavefront-backward.ts';
import { recordObjective } from './objective.ts';

/**
 * The parts of a layered program that only training and testing need. They come with the optimizers, so that a page without one
 * does not load them.
 */
export const layeredTraining = { recordObjective, layers: layerTraining, wavefront: wavefrontTraining };
export type LayeredTraining = typeof layeredTraining;
