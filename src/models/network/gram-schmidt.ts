import type { Sliced } from '../../runtime/slices.ts';

/** The number of vectors that are processed together, so that each loaded number feeds several products. */
const BLOCK = 4;

/**
 * Makes vectors of one length orthonormal, in place, by the Gram-Schmidt process: from each vector its projections onto those
 * before it are subtracted, and the rest is normalized. The results are the columns of Q in the unique QR decomposition with
 * positive diagonal of the matrix with the given columns.
 *
 * It works on blocks of four vectors: first their projections onto all earlier vectors are subtracted, then those onto each
 * other. If little is left of a vector, rounding errors are a large part of it, so the subtraction is repeated ("twice is
 * enough", Kahan and Parlett).
 *
 * @param vectors linearly independent, so at most as many as each has elements
 */
export function* orthonormalize(vectors: readonly Float64Array[]): Sliced<void> {
  const zeros = new Float64Array(vectors[0].length);
  /** The multiply-adds of one call of subtractProjections. */
  const work = 4 * BLOCK * zeros.length;
  for (let first = 0; first < vectors.length; first += BLOCK) {
    const block = vectors.slice(first, first + BLOCK);
    let normsBefore: number[];
    do {
      normsBefore = block.map(norm);
      for (let k = 0; k < first; k += BLOCK) {
        const [a, b, c, d] = [vectors[k], vectors[k + 1], vectors[k + 2], vectors[k + 3]];
        subtractProjections(block[0], block[1] ?? zeros, a, b, c, d);
        if (block.length > 2) subtractProjections(block[2], block[3] ?? zeros, a, b, c, d);
        yield 2 * work;
      }
    } while (block.some((vector, n) => norm(vector) < normsBefore[n] / 2));
    for (const [n, vector] of block.entries()) {
      let length = norm(vector);
      let lengthBefore: number;
      do {
        for (const other of block.slice(0, n)) subtractProjections(vector, zeros, other, zeros, zeros, zeros);
        lengthBefore = length;
        length = norm(vector);
        yield BLOCK * work;
      } while (length < lengthBefore / 2);
      for (let i = 0; i < vector.length; i++) vector[i] /= length;
    }
  }
}

/** Subtracts from x and y their projections onto four orthonormal vectors: eight dot products in two passes over memory. */
function subtractProjections(
  x: Float64Array,
  y: Float64Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
): void {
  let [xa, xb, xc, xd, ya, yb, yc, yd] = [0, 0, 0, 0, 0, 0, 0, 0];
  // Each element is read once into a constant, since the compiler must assume that the arrays may alias each other.
  for (let i = 0; i < x.length; i++) {
    const u = x[i];
    const v = y[i];
    const p = a[i];
    const q = b[i];
    const r = c[i];
    const s = d[i];
    xa += u * p;
    xb += u * q;
    xc += u * r;
    xd += u * s;
    ya += v * p;
    yb += v * q;
    yc += v * r;
    yd += v * s;
  }
  for (let i = 0; i < x.length; i++) {
    const p = a[i];
    const q = b[i];
    const r = c[i];
    const s = d[i];
    x[i] -= xa * p + xb * q + (xc * r + xd * s);
    y[i] -= ya * p + yb * q + (yc * r + yd * s);
  }
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}
