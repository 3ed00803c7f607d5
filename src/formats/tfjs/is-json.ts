/** Whether a file begins as an object of JSON does, of which TensorFlow.js alone has one that is not in another file. */
export function isJson(file: Uint8Array): boolean {
  return /^\uFEFF?\s*\{/.test(new TextDecoder().decode(file.subarray(0, 100)));
}
