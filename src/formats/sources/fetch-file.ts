import { ValueError } from '../../index.ts';

/** The most bytes of one file: more does not fit into one ArrayBuffer in every browser, nor into one buffer on most GPUs. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** How many letters of an address an error message shows. */
const MAX_LETTERS = 200;

/** @throws ValueError if a file is larger than any that is read */
export function checkSize(where: string, size: number): void {
  if (size <= MAX_FILE_BYTES) return;
  throw new ValueError(`${where}: the file has ${size} bytes, expected at most ${MAX_FILE_BYTES}.`);
}

/**
 * Fetches a file.
 *
 * @returns its bytes, and the address that it came from after redirections
 * @throws ValueError (as a rejection) if there is none, or it is too large
 */
export async function fetchFile(
  where: string,
  address: string | URL,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; url: string }> {
  const place = `${where}: ${shortened(String(address))}`;
  try {
    const response = await fetch(address);
    if (!response.ok)
      throw new ValueError(`${place}: the server answers ${response.status} ${response.statusText}`.trimEnd());
    return { bytes: await bytesOf(place, response), url: response.url || String(address) };
  } catch (error) {
    if (error instanceof ValueError) throw error;
    throw new ValueError(`${place}: the file cannot be fetched: ${(error as Error).message}${hintFor(address)}`, {
      cause: error,
    });
  }
}

/** An address, of which data may be a part, for an error message. */
function shortened(address: string): string {
  return address.length > MAX_LETTERS ? `${address.slice(0, MAX_LETTERS)}…` : address;
}

/** Tells what may be the matter, since the messages of browsers and of Node do not. */
function hintFor(address: string | URL): string {
  const page = (globalThis as { location?: Location }).location;
  const url = URL.canParse(address, page?.href) ? new URL(address, page?.href) : undefined;
  if (!url || !/^(https?|blob|data):$/.test(url.protocol)) {
    return '. Give an address on a server, or the bytes of the file instead of where it lies.';
  }
  return page && url.origin !== page.origin ? '. Does that server allow other pages to read it (CORS)?' : '';
}

/** Reads a body piece by piece, since a server need not tell how long it is. */
async function bytesOf(where: string, { headers, body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  checkSize(where, Number(headers.get('content-length') ?? 0));
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || !value) return new Uint8Array(await new Blob(pieces).arrayBuffer());
    pieces.push(value);
    size += value.byteLength;
    if (size > MAX_FILE_BYTES) await reader!.cancel();
    checkSize(where, size);
  }
}
