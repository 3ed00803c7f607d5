import type { Constants, Grid, KernelContract } from './kernel.ts';

/** The binding from which a general kernel reads its sizes. */
const SIZES = 'sizes';

/** A general kernel with its constants and the sizes that it reads. */
export interface GeneralVariant {
  kernel: KernelContract;
  constants: Constants;
  sizes: readonly number[];
  grid: Grid;
}

const generals = new WeakMap<KernelContract, KernelContract>();

/**
 * The general variant of a kernel: it reads the constants that its contract lists as `sizes` from a uniform, behind its other
 * bindings, so that it compiles once for all batch sizes and numbers of steps. It computes the same in the same order.
 *
 * @returns `undefined` for a kernel without sizes
 */
export function generalVariantOf(
  kernel: KernelContract,
  own: { constants: Constants; grid: Grid },
  limits: GPUSupportedLimits,
): GeneralVariant | undefined {
  const { sizes } = kernel;
  if (!sizes) return undefined;
  const changed = kernel.generalConstants?.(own.constants, limits);
  const all = { ...own.constants, ...(changed as Constants | undefined) };
  const rest = kernel.constants.filter((name) => !sizes.includes(name));
  return {
    kernel: generalKernel(kernel, sizes, rest),
    constants: Object.fromEntries(rest.map((name) => [name, all[name]])),
    sizes: sizes.map((name) => all[name]),
    grid: changed ? kernel.grid(all) : own.grid,
  };
}

function generalKernel(kernel: KernelContract, sizes: readonly string[], constants: readonly string[]): KernelContract {
  let general = generals.get(kernel);
  if (!general) {
    const binding = Object.keys(kernel.bindings).length;
    const declaration =
      `struct Sizes { ${sizes.map((name) => `${name}: u32`).join(', ')} }\n` +
      `@group(0) @binding(${binding}) var<uniform> ${SIZES}: Sizes;`;
    general = {
      ...kernel,
      source: withoutConstants(kernel.source, sizes),
      preludes: [declaration, ...(kernel.preludes ?? []).map((text) => withoutConstants(text, sizes))],
      bindings: { ...kernel.bindings, [SIZES]: 'uniform' },
      // The lengths of arrays depend on the sizes.
      fixedLengths: [],
      constants,
    };
    generals.set(kernel, general);
  }
  return general;
}

/** Reads these constants from the uniform. Lines keep their numbers. */
function withoutConstants(text: string, names: readonly string[]): string {
  const any = names.join('|');
  return text
    .replace(new RegExp(`^[ \\t]*override (${any}): u32;`, 'gm'), '')
    .replace(new RegExp(`\\b(${any})\\b`, 'g'), `${SIZES}.$1`);
}
