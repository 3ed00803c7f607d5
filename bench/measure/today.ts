/** Year, month and day. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
