/** A file of JSON that is parsed here is no larger: its numbers take several times as much memory. */
const MOST_BYTES = 16 * 2 ** 20;

/** Files that were given together: those of a model, and batches that were recorded elsewhere. */
export interface GivenFiles {
  model: File[];
  samples?: { name: string; batches: readonly unknown[] };
}

/**
 * Tells the files of a model from recorded batches, which are a list in JSON; the `model.json` of TensorFlow.js is an object.
 *
 * @throws Error for the reader (as a rejection) if there are two such lists, or one is no JSON
 */
export async function sortFiles(files: readonly File[]): Promise<GivenFiles> {
  const isList = await Promise.all(files.map(beginsList));
  const lists = files.filter((_, index) => isList[index]);
  const model = files.filter((_, index) => !isList[index]);
  if (lists.length > 1) throw new Error(`Both ${lists[0].name} and ${lists[1].name} are lists of recorded batches.`);
  return lists.length === 0 ? { model } : { model, samples: await readList(lists[0]) };
}

async function beginsList(file: File): Promise<boolean> {
  if (!file.name.toLowerCase().endsWith('.json')) return false;
  return /^\uFEFF?\s*\[/.test(await file.slice(0, 100).text());
}

async function readList(file: File): Promise<{ name: string; batches: unknown[] }> {
  const { name, size } = file;
  if (size > MOST_BYTES) {
    throw new Error(`${name} has ${(size / 2 ** 20).toFixed(0)} MiB. The lab reads up to ${MOST_BYTES / 2 ** 20} MiB.`);
  }
  try {
    return { name, batches: JSON.parse(await file.text()) as unknown[] };
  } catch (error) {
    throw new Error(`${name} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
