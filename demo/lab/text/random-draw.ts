/**
 * Draws one of several things by their probabilities. A temperature below 1 favours what is likely, one above 1 what is not.
 *
 * @param first the number of the first one that may be drawn
 * @param uniform a random number from 0 to 1
 */
export function draw(probabilities: ArrayLike<number>, temperature: number, uniform: number, first = 0): number {
  const logarithms = Array.from(probabilities, (probability, index) =>
    index < first ? -Infinity : Math.log(probability) / temperature,
  );
  const largest = Math.max(...logarithms);
  const weights = logarithms.map((logarithm) => Math.exp(logarithm - largest));
  let rest = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => (rest -= weight) < 0);
  // Roundings may leave a rest behind the last one.
  return drawn < 0 ? weights.length - 1 : drawn;
}
