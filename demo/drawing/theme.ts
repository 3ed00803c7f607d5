export type Rgb = readonly [number, number, number];

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Calls `redraw` when the colours of the page change: a canvas knows no style sheet. */
export function onThemeChange(redraw: () => void, signal?: AbortSignal): void {
  dark.addEventListener('change', redraw, { signal });
}

/** The value of a colour of the style sheet, such as `--paper`. */
export function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A colour that the style sheet writes as #rrggbb, which a build may have shortened to #rgb. */
export function rgbOf(name: string): Rgb {
  const digits = colorOf(name).slice(1);
  const number = Number.parseInt(digits.length === 3 ? digits.replace(/./g, '$&$&') : digits, 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** The colour a fraction of the way from one to another. */
export function mix(from: Rgb, to: Rgb, fraction: number): string {
  const [r, g, b] = from.map((value, index) => Math.round(value + (to[index] - value) * fraction));
  return `rgb(${r} ${g} ${b})`;
}
