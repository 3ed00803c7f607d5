import { UnsupportedError, ValueError } from '../../index.ts';
import { checkFile } from './source.ts';
import { checkPath, type ModelStorage } from './storage.ts';

/**
 * Keeps a file in the origin private file system of the browser, by a path such as `'trainings/post.keras'`, whose folders are
 * made when it is written. The browser writes beside the former file, and puts the new one in its place once it is whole.
 *
 * Its methods reject with UnsupportedError where there is no such file system, and with ValueError if the browser refuses.
 *
 * @throws ValueError unless it is given a path
 */
export function opfsStorage(path: string): ModelStorage {
  const where = `opfsStorage(${JSON.stringify(path)})`;
  const parts = checkPath('opfsStorage', 'a path, e.g. "trainings/post.keras"', path).split('/');
  const name = parts.at(-1)!;
  if (parts.some((part) => ['', '.', '..'].includes(part))) {
    throw new ValueError(`${where}: the path has an empty part, "." or "..", expected names between slashes.`);
  }
  return {
    async read() {
      return inFolder(where, parts, 'read', async (folder) => {
        const file = await (await folder.getFileHandle(name)).getFile();
        // A first write that breaks off leaves an empty file. A copy can be read after the next write, too.
        return file.size === 0 ? undefined : new File([await file.arrayBuffer()], name);
      });
    },
    async write(file) {
      checkFile(`${where}: write`, file);
      await inFolder(where, parts, 'write', async (folder) => writeWhole(where, folder, name, file));
    },
    async delete() {
      await inFolder(where, parts, 'delete', async (folder) => folder.removeEntry(name));
    },
  };
}

async function writeWhole(where: string, folder: FileSystemDirectoryHandle, name: string, file: File): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  if (!('createWritable' in handle)) {
    throw new UnsupportedError(
      `${where}: this browser cannot replace a file there as a whole. Use indexedDbStorage instead.`,
    );
  }
  const writable = await handle.createWritable();
  try {
    await writable.write(file);
  } catch (error) {
    await writable.abort();
    throw error;
  }
  await writable.close();
}

/**
 * Waits until no other tab writes the file, or for a write until none reads it: while the browser puts a new file in the place
 * of the former one, there is none for a moment.
 *
 * @returns `undefined` if the folder or the file in it does not exist, and is not to be written
 */
async function inFolder<T>(
  where: string,
  parts: readonly string[],
  what: 'read' | 'write' | 'delete',
  act: (folder: FileSystemDirectoryHandle) => Promise<T>,
): Promise<T | undefined> {
  if (typeof navigator === 'undefined' || !navigator.storage?.getDirectory) {
    throw new UnsupportedError(`${where}: there is no origin private file system here. Use indexedDbStorage instead.`);
  }
  const create = what === 'write';
  const mode = what === 'read' ? 'shared' : 'exclusive';
  try {
    return await navigator.locks.request(`lstm-webgpu ${parts.join('/')}`, { mode }, async () => {
      let folder = await navigator.storage.getDirectory();
      for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create });
      return act(folder);
    });
  } catch (error) {
    if ((error as Error).name === 'NotFoundError' && !create) return undefined;
    if (error instanceof UnsupportedError) throw error;
    throw new ValueError(`${where}: the browser refuses: ${(error as Error).message}`, { cause: error });
  }
}
