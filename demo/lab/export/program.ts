import type { FormatName } from '../formats.ts';

/** The lines that save the network of a program above, which calls it `model`. */
export function exportLines(name: string, format: FormatName): string {
  return `import { download, saveModel } from './lstm-webgpu-formats.js';

// Before model.dispose().
download(await saveModel(model, { format: '${format}', name: '${name}' }));
`;
}
