/**
 * The gradient of `f` at `x` by central differences: (f(x + d) - f(x - d)) / 2d for each number of x.
 *
 * With d = 1e-5 the truncation error is about 1e-10 and the rounding error of f about 1e-11, so that a gradient of the order
 * of 1 is good to nine digits. `x` is changed meanwhile and restored.
 */
export function finiteDifference(f: () => number, x: Float64Array, step = 1e-5): Float64Array {
  return x.map((value, index) => {
    x[index] = value + step;
    const above = f();
    x[index] = value - step;
    const below = f();
    x[index] = value;
    return (above - below) / (2 * step);
  });
}
