import { f32, struct, u32 } from '../../runtime/struct.ts';

/** How the next input of a row is made: the struct of `draw.wgsl`, whose comments tell what the fields mean. */
export const drawStruct = struct('Draw', { step: u32, result: u32, seed: u32, top_k: u32, temperature: f32 });
