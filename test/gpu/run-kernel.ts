import { Frames } from '../../src/runtime/frames.ts';
import { generalVariantOf, type GeneralVariant } from '../../src/runtime/generalize.ts';
import type { Constants, Grid, KernelContract } from '../../src/runtime/kernel.ts';
import { Plan, type FrameBinding } from '../../src/runtime/plan.ts';
import { SizesTable } from '../../src/runtime/sizes-table.ts';
import type { NumbersStruct } from '../../src/runtime/struct.ts';
import { Tensor } from '../../src/runtime/tensor.ts';
import { expectSame } from '../harness/expect-close.ts';
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
 * then. Its general variant, where it has one, must give the same bits.
 *
 * @param grid the kernel's own by default
 * @param runsAsBaseline `false` for constants that no baseline has, whose general variant is not compiled
 */
export async function runKernel<B extends string, C extends string>(
  kernel: KernelContract<B, C>,
  bindings: Record<NoInfer<B>, Binding>,
  constants: Constants<NoInfer<C>>,
  grid: Grid = kernel.grid(constants),
  runsAsBaseline = true,
): Promise<Record<B, Float32Array<ArrayBuffer>>> {
  const contract = kernel as unknown as KernelContract;
  const own: Constants = constants;
  const results = await runVariant(contract, bindings, { kernel: contract, constants: own, grid });
  // A sum over the same threads, which tests may give too few of on purpose: their number is the order of the summands.
  const most = own.THREADS ?? gpu.device.limits.maxComputeInvocationsPerWorkgroup;
  const limits = { maxComputeInvocationsPerWorkgroup: most, maxComputeWorkgroupSizeX: most } as GPUSupportedLimits;
  const general = generalVariantOf(contract, { constants: own, grid }, limits);
  // Other adapters run no general kernels, and may round differently in them.
  if (gpu.isSoftware && runsAsBaseline && general) {
    const others = await runVariant(contract, bindings, general);
    for (const [name, own] of Object.entries(results)) expectSame(others[name], own, `general ${kernel.name}, ${name}`);
  }
  return results as Record<B, Float32Array<ArrayBuffer>>;
}

/** @param contract the kernel whose bindings are given, of which `variant` may be the general one */
async function runVariant(
  contract: KernelContract,
  bindings: Record<string, Binding>,
  { kernel, constants, grid, sizes }: Omit<GeneralVariant, 'sizes'> & Partial<GeneralVariant>,
): Promise<Record<string, Float32Array<ArrayBuffer>>> {
  const plan = new Plan(gpu);
  const table = new SizesTable(gpu);
  const entries = Object.entries(bindings);
  const tensors = new Map<string, Tensor>();
  const uniforms = new Map<string, Frames>();
  for (const [name, binding] of entries) {
    if ('list' in binding) uniforms.set(name, Frames.of(gpu, name, binding.struct, binding.list));
    else tensors.set(name, tensorOf(name, binding));
  }

  const dispatches = Math.max(1, ...[...uniforms.values()].map(({ count }) => count));
  for (let index = 0; index < dispatches; index++) {
    const bound = entries.map(([name]): [string, Tensor | FrameBinding] => {
      const row = uniforms.get(name);
      return [name, row ? { frames: row, index } : tensors.get(name)!];
    });
    const uniform = sizes && { sizes: { binding: table.binding(sizes), byteLength: 4 * sizes.length } };
    plan.add(kernel, { ...Object.fromEntries(bound), ...uniform } as Parameters<Plan['add']>[1], constants, grid);
  }
  await plan.ready();
  gpu.submit(kernel.name, (pass) => plan.encode(pass, 0));

  const written = [...tensors].filter(([name]) => contract.bindings[name] === 'read-write');
  const results = await Promise.all(written.map(async ([name, tensor]) => [name, await tensor.read()] as const));
  for (const resource of [...tensors.values(), ...uniforms.values(), table]) resource.dispose();
  return Object.fromEntries(results);
}

function tensorOf(label: string, data: ArrayLike<number>): Tensor {
  const tensor = Tensor.create(gpu, label, [data.length]);
  tensor.write(data instanceof Uint32Array ? new Uint32Array(data) : Float32Array.from(data));
  return tensor;
}
