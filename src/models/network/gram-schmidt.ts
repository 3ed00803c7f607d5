/** How many vectors are processed together, so that each loaded number feeds several products. */
const FOUR = 4;

/**
 * Makes vectors of one length orthonormal, in place, by the Gram-Schmidt process: from each vector its projections onto those
 * before it are subtracted, and the rest is normalized. The results are the columns of Q in the unique QR decomposition with
 * positive diagonal of the matrix with the given columns.
 *
 * The projections onto all earlier vectors are subtracted from four vectors at a time, then those onto each other. If little
 * is left of a vector, rounding errors are a large part of it, so it is done again ("twice is enough", Kahan and Parlett).
 *
 * @param vectors at most as many as each has elements
 */
export function orthonormalize(vectors: readonly Float64Array[]): void {
  const nothing = new Float64Array(vectors[0].length);
  for (let first = 0; first < vectors.length; first += FOUR) {
    const four = vectors.slice(first, first + FOUR);
    let before: number[];
    do {
      before = four.map(norm);
      for (let k = 0; k < first; k += FOUR) {
        const [a, b, c, d] = [vectors[k], vectors[k + 1], vectors[k + 2], vectors[k + 3]];
        takeAway(four[0], four[1] ?? nothing, a, b, c, d);
        if (four.length > 2) takeAway(four[2], four[3] ?? nothing, a, b, c, d);
      }
    } while (four.some((vector, n) => norm(vector) < before[n] / 2));
    four.forEach((vector, n) => {
      let length = norm(vector);
      let longer: number;
      do {
        for (const other of four.slice(0, n)) takeAway(vector, nothing, other, nothing, nothing, nothing);
        longer = length;
        length = norm(vector);
      } while (length < longer / 2);
      for (let i = 0; i < vector.length; i++) vector[i] /= length;
    });
  }
}

/** Subtracts from x and y their projections onto four orthonormal vectors: eight dot products in two passes over memory. */
function takeAway(
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
