/** An accuracy to four decimals, without zeros at its end: 0.5455, 0.75 and 1. */
export function shortFigure(accuracy: number): string {
  return String(Number(accuracy.toFixed(4)));
}

/** A number to two decimals, with a real minus sign, and none before 0.00. */
export function signedFigure(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) > 0 ? `−${text}` : text;
}

/** The day of a recording in words: 29 November 2026. */
export function dayOf(date: string): string {
  return new Date(`${date}T12:00`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
