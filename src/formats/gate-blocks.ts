/**
 * Keras' matrix [depth, gates * units] of the rows [gates * units, depth] in which other programs store it.
 *
 * @param first where the rows begin in `data`
 * @param order which block of rows is the n-th gate of Keras
 */
export function columnsOf(
  data: ArrayLike<number>,
  first: number,
  depth: number,
  units: number,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const width = order.length * units;
  const columns = new Float32Array(depth * width);
  for (let column = 0; column < width; column++) {
    const row = order[Math.floor(column / units)] * units + (column % units);
    for (let k = 0; k < depth; k++) columns[k * width + column] = data[first + row * depth + k];
  }
  return columns;
}

/**
 * The rows [gates * units, depth] of another program of Keras' matrix [depth, gates * units].
 *
 * @param order which gate of Keras is the n-th block of rows
 */
export function rowsOf(
  data: Float32Array,
  depth: number,
  units: number,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const width = order.length * units;
  const rows = new Float32Array(width * depth);
  for (let row = 0; row < width; row++) {
    const column = order[Math.floor(row / units)] * units + (row % units);
    for (let k = 0; k < depth; k++) rows[row * depth + k] = data[k * width + column];
  }
  return rows;
}
