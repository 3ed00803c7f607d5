import { Frames } from '../../src/runtime/frames.ts';
import type { Constants, Grid, KernelContract } from '../../src/runtime/kernel.ts';
import { Plan, type FrameBinding } from '../../src/runtime/plan.ts';
import type { NumbersStruct } from '../../src/runtime/struct.ts';
import { Tensor } from '../../src/runtime/tensor.ts';
import { gpu } from './gpu.ts';

/** Uniform structs, each for a dispatch. */
interface UniformFrames {
  struct: NumbersStruct;
  list: readonly Readonly<Record<string, number>>[];
}

/** A uniform struct for each dispatch, to be bound by `runKernel`. */
export const frames = <F extends string>(
  struct: NumbersStruct<F>,
  ...list: readonly Readonly<Record<NoInfer<F>, number>>[]
): UniformFrames => ({ struct, list });

/** What is bound: numbers (a Uint32Array as such, all else as float32), or the frames of one dispatch after the other. */
type Binding = ArrayLike<number> | UniformFrames;

/** What an element that no kernel wrote reads as; NaN is close to nothing. */
export const unwritten = (size: number): Float32Array<ArrayBuffer> => new Float32Array(size).fill(NaN);

/**
 * Runs one kernel, once for each of its frames or once without, and returns the bindings that it may write as they are
 * then.
 *
 * @param grid the kernel's own by default
 */
export async function runKernel<B extends string, C extends string>(
  kernel: KernelContract<B, C>,
  bindings: Record<NoInfer<B>, Binding>,
  constants: Constants<NoInfer<C>>,
  grid?: Grid,
): Promise<Record<B, Float32Array<ArrayBuffer>>> {
  const plan = new Plan(gpu);
  const entries = Object.entries<Binding>(bindings) as [B, Binding][];
  const tensors = new Map<B, Tensor>();
  const uniforms = new Map<B, Frames>();
  for (const [name, binding] of entries) {
    if ('list' in binding) uniforms.set(name, Frames.of(gpu, name, binding.struct, binding.list));
    else tensors.set(name, tensorOf(name, binding));
  }

  const dispatches = Math.max(1, ...[...uniforms.values()].map(({ count }) => count));
  for (let index = 0; index < dispatches; index++) {
    const bound = entries.map(([name]): [B, Tensor | FrameBinding] => {
      const row = uniforms.get(name);
      return [name, row ? { frames: row, index } : (tensors.get(name) as Tensor)];
    });
    plan.add(kernel, Object.fromEntries(bound) as Record<B, Tensor | FrameBinding>, constants, grid);
  }
  await plan.ready();
  gpu.submit(kernel.name, (pass) => plan.encode(pass, 0));

  const written = [...tensors].filter(([name]) => kernel.bindings[name] === 'read-write');
  const results = await Promise.all(written.map(async ([name, tensor]) => [name, await tensor.read()] as const));
  for (const resource of [...tensors.values(), ...uniforms.values()]) resource.dispose();
  return Object.fromEntries(results) as Record<B, Float32Array<ArrayBuffer>>;
}

function tensorOf(label: string, data: ArrayLike<number>): Tensor {
  const tensor = Tensor.create(gpu, label, [data.length]);
  tensor.write(data instanceof Uint32Array ? new Uint32Array(data) : Float32Array.from(data));
  return tensor;
}
