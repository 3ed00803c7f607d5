/** A table in Markdown; the first column to the left, the others to the right. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [row(head), row(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...lines.map(row)].join('\n');
}
