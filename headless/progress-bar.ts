import { SingleBar } from 'cli-progress';

/** Whether the terminal has room for figures beside a bar. */
export function isWide(): boolean {
  return process.stderr.columns >= 120;
}

/** Starts a bar on stderr, from 0 to 100, with `details` behind it. */
export function startBar(label: string, details = ''): SingleBar {
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}%  {details}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: isWide() ? 16 : 8,
    hideCursor: true,
  });
  bar.start(100, 0, { details });
  return bar;
}

/** ` 3/10 name`, each as wide as the widest. */
export function numbered(names: readonly string[], index: number): string {
  const digits = String(names.length).length;
  const width = Math.max(...names.map((name) => name.length));
  return `${String(index + 1).padStart(digits)}/${names.length} ${names[index].padEnd(width)}`;
}
