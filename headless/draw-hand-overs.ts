import { writeFile } from 'node:fs/promises';
import { handOversDrawings } from './documents/hand-overs-drawings.ts';

/** Writes the picture that README shows, light and dark. */
for (const [path, text] of await handOversDrawings()) {
  await writeFile(path, text);
  console.log(path);
}
