/** Turns each row of logits, [rows, columns], into probabilities. */
export function softmax(logits: Float32Array, columns: number): void {
  for (let start = 0; start < logits.length; start += columns) {
    const row = logits.subarray(start, start + columns);
    let most = -Infinity;
    for (let k = 0; k < columns; k++) most = Math.max(most, row[k]);
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += row[k] = Math.exp(row[k] - most);
    for (let k = 0; k < columns; k++) row[k] /= sum;
  }
}
