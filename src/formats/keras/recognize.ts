const startsWith = (file: Uint8Array, bytes: readonly number[]) => bytes.every((byte, index) => file[index] === byte);

/** Whether a file is a zip archive. */
export const isZip = (file: Uint8Array): boolean => startsWith(file, [0x50, 0x4b, 0x03, 0x04]);

/** Whether a file is of HDF5. */
export const isHdf5 = (file: Uint8Array): boolean => startsWith(file, [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The attribute that makes a whole model of a file of weights. */
const WHOLE = new TextEncoder().encode('model_config');

/** Whether a file of HDF5 holds the architecture too. */
export function isWholeHdf5(file: Uint8Array): boolean {
  if (!isHdf5(file)) return false;
  for (let at = file.indexOf(WHOLE[0]); at >= 0; at = file.indexOf(WHOLE[0], at + 1)) {
    if (WHOLE.every((byte, index) => file[at + index] === byte)) return true;
  }
  return false;
}
