import { layerTraining } from '../../network/layers/layer-training.ts';
import { wavefrontTraining } from '../wavefront/wavefront-backward.ts';
import { recordObjective } from './objective.ts';

/**
 * What a layered program needs to train and to test, and not to predict. It comes with the optimizers, so that a page without
 * one does not load it.
 */
export const layeredTraining = { recordObjective, layers: layerTraining, wavefront: wavefrontTraining };
export type LayeredTraining = typeof layeredTraining;
