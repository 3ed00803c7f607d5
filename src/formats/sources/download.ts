import { UnsupportedError } from '../../index.ts';
import { checkFile } from './source.ts';

/** How long the browser may take to begin with a download, in milliseconds, before its bytes are freed. */
const UNTIL_BEGUN = 60_000;

/**
 * Gives files to whoever looks at the page, as downloads under their names.
 *
 * @throws UnsupportedError where there is no page, as in Node or in a worker; ValueError if one is no file
 */
export function download(files: File | readonly File[]): void {
  if (typeof document === 'undefined') {
    throw new UnsupportedError(
      'download: there is no page here. Hand the file to the page; in Node write its bytes: ' +
        'await writeFile(file.name, new Uint8Array(await file.arrayBuffer())).',
    );
  }
  const list: readonly unknown[] = Array.isArray(files) ? files : [files];
  for (const file of list.map((each) => checkFile('download', each))) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), UNTIL_BEGUN);
  }
}
