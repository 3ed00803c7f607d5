import { f32, struct, u32 } from '../../runtime/struct.ts';

/** How the next inputs of a row are made: the struct of `draw.wgsl`, whose comments tell what the fields mean. */
export const drawStruct = struct('Draw', {
  slot: u32,
  step: u32,
  end_step: u32,
  dispatch_steps: u32,
  result: u32,
  seed: u32,
  top_k: u32,
  temperature: f32,
});
