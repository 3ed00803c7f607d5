import { defineKernel, type KernelContract } from '../runtime/kernel.ts';

/** Returns the kernel with one more prelude in front of the others, and the language extensions that this prelude needs. */
export function variant<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
  prelude: string,
  ...needed: string[]
): KernelContract<B, C> {
  const { preludes = [], extensions = [] } = contract;
  return defineKernel({ ...contract, extensions: [...extensions, ...needed], preludes: [prelude, ...preludes] });
}
