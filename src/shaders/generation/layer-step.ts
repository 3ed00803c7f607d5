import { struct, u32 } from '../../runtime/struct.ts';

/** The kinds of layers whose steps `generate-steps` computes; positions are the numbers in `layer-step.wgsl`. */
export const LAYER_KINDS = ['embedding', 'dense', 'simpleRnn', 'lstm', 'gru'] as const;

/** The number of a softmax, which follows those of the other activations. */
export const SOFTMAX = 9;

/** How many columns a thread adds up at once. */
export const TILE_COLUMNS = 4;

/** A layer that a workgroup computes: the struct of `layer-step.wgsl`, whose comments tell what the fields mean. */
export const layerStepStruct = struct('LayerStep', {
  kind: u32,
  units: u32,
  columns: u32,
  inputs: u32,
  takes_class: u32,
  lanes: u32,
  weights: u32,
  input: u32,
  output: u32,
  c: u32,
  h_states: u32,
  c_states: u32,
  window: u32,
  input_states: u32,
  output_states: u32,
  activation: u32,
  recurrent_activation: u32,
});
