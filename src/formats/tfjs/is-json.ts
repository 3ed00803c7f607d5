/** Whether a file begins as a JSON object does. Only the format of TensorFlow.js has such a file outside of an archive. */
export function isJson(file: Uint8Array): boolean {
  return /^\uFEFF?\s*\{/.test(new TextDecoder().decode(file.subarray(0, 100)));
}
