/**
 * The argument for a Chrome that does not clamp every index to its array, which takes about a fifth of the processor time of what
 * is tested above the kernels. Tests of kernels and of the package run with the clamps, as in a user's Chrome. Each way shows what
 * the other hides: clamped, a store behind an array destroys its last element; not clamped, a load from there gives any number.
 */
export const NOT_CLAMPED = '--enable-dawn-features=disable_robustness';
