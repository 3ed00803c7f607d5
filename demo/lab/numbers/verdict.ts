/** How far a forecast is off on average, in the units of the series. */
export function meanAbsoluteError(forecast: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < actual.length; index++) sum += Math.abs(forecast[index] - actual[index]);
  return sum / actual.length;
}

/** A number to read: three digits that count, as in 0.274, 12.3, 4,120 and 2.50e-9. */
export function figure(value: number): string {
  const size = Math.abs(value);
  // Written out, these would be rows of zeros.
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return value.toExponential(2);
  return value.toLocaleString('en', {
    maximumSignificantDigits: Math.max(3, Math.ceil(Math.log10(size + 1))),
  });
}

/**
 * Compares a forecast with the naive one in a sentence, whichever is better.
 *
 * @param outside how many of the held-out values are less or more than all that was learned from
 */
export function verdict(errors: { network: number; naive: number }, heldOut: number, outside: number): string {
  const { network, naive } = errors;
  const off =
    `On the ${heldOut} values that it never saw, the network is off by ${figure(network)} on average, ` +
    `and the naive forecast by ${figure(naive)}.`;
  if (naive === 0) return `${off} Nothing beats a forecast that is never wrong: this series repeats itself.`;
  const gain = Math.round((1 - network / naive) * 100);
  if (gain > 0) return `${gain} % better than the naive forecast. ${off}`;
  if (gain === 0) return `No better than the naive forecast, and no worse. ${off}`;
  const hint =
    outside > heldOut / 4
      ? `${outside} of these values lie outside the range that it learned from, where a network knows little: give it ` +
        'the differences from value to value instead.'
      : 'Longer training or another window may help, or the series has nothing else to tell.';
  return `Worse than the naive forecast, by ${(-gain).toLocaleString('en')} %. ${off} ${hint}`;
}
