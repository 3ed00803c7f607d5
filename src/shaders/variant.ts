import { defineKernel, type KernelCode, type KernelContract } from '../runtime/kernel.ts';

/** Returns the kernel with one more prelude in front of the others, and the language extensions that this prelude needs. */
export function variant<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
  prelude: string,
  ...needed: string[]
): KernelContract<B, C> {
  const { preludes = [], extensions = [] } = contract;
  return defineKernel({ ...contract, extensions: [...extensions, ...needed], preludes: [prelude, ...preludes] });
}

/** A kernel, or a record of its variants by precision, loading or load width. */
type Variants = KernelCode | { readonly [name: string]: Variants };

/** All variants of these kernels. */
export function variantsOf(...kernels: readonly Variants[]): KernelCode[] {
  return kernels.flatMap((kernel) => (isKernel(kernel) ? [kernel] : variantsOf(...Object.values(kernel))));
}

const isKernel = (kernel: Variants): kernel is KernelCode => typeof kernel.source === 'string';
