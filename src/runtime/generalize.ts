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
    const derived = derivedFrom(sizes, [...(kernel.preludes ?? []), kernel.source]);
    const asData = (text: string) => withoutConstants(text, sizes, derived);
    const declaration =
      `struct Sizes { ${sizes.map((name) => `${name}: u32`).join(', ')} }\n` +
      `@group(0) @binding(${binding}) var<uniform> ${SIZES}: Sizes;`;
    general = {
      ...kernel,
      source: asData(kernel.source),
      preludes: [declaration, ...(kernel.preludes ?? []).map(asData)],
      bindings: { ...kernel.bindings, [SIZES]: 'uniform' },
      // The lengths of arrays depend on the sizes.
      fixedLengths: [],
      constants,
    };
    generals.set(kernel, general);
  }
  return general;
}

/** The constants that WGSL, which may be minified, computes from sizes: their names, and the expressions that compute them. */
function derivedFrom(sizes: readonly string[], texts: readonly string[]): ReadonlyMap<string, string> {
  const computed = texts.flatMap((text) => [...text.matchAll(/\bconst (\w+) ?= ?([^;]*);/g)]);
  return new Map(
    computed.filter(([, , value]) => anyOf(sizes).test(value)).map(([, name, value]) => [name, `(${value})`]),
  );
}

/** Reads sizes from the uniform, and computes what is derived from them where it is used. Lines keep their numbers. */
function withoutConstants(text: string, sizes: readonly string[], derived: ReadonlyMap<string, string>): string {
  return [...derived]
    .reduce(
      (rest, [name, value]) =>
        rest.replace(new RegExp(`\\bconst ${name} ?= ?[^;]*;`), '').replace(anyOf([name]), value),
      text,
    )
    .replace(new RegExp(`^[ \\t]*override (${sizes.join('|')}): u32;`, 'gm'), '')
    .replace(anyOf(sizes), `${SIZES}.$1`);
}

function anyOf(names: readonly string[]): RegExp {
  return new RegExp(`\\b(${names.join('|')})\\b`, 'g');
}
