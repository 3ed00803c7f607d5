import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSource } from '../../../src/formats/sources/source.ts';
import { ValueError } from '../../../src/index.ts';

const bytes = new Uint8Array([1, 2, 3]);
const opened = async (source: unknown) => Object.fromEntries((await openSource('loadModel', source)).files);
const file = (name: string) => new File([bytes], name);

test.each([
  ['a File', file('a.keras'), { 'a.keras': bytes }],
  ['a Blob', new Blob([bytes]), { '': bytes }],
  ['an ArrayBuffer', bytes.buffer, { '': bytes }],
  ['shared memory', Object.assign(new Uint8Array(new SharedArrayBuffer(3)), bytes), { '': bytes }],
  ['a part of an array', new Uint16Array([7, 0x0201, 8]).subarray(1, 2), { '': bytes.slice(0, 2) }],
  ['a list of Files', [file('a'), file('b')], { a: bytes, b: bytes }],
  ['files as a page lists them', { length: 2, 0: file('a'), 1: file('b') }, { a: bytes, b: bytes }],
  ['a map', new Map<string, unknown>([['a', bytes]]), { a: bytes }],
  ['an object', { 'model.json': bytes, 'b.bin': file('other') }, { 'model.json': bytes, 'b.bin': bytes }],
  [
    'a File of another frame',
    Object.setPrototypeOf(
      { name: 'a', size: 3, arrayBuffer: async () => bytes.buffer, [Symbol.toStringTag]: 'File' },
      Object.create(null),
    ),
    { a: bytes },
  ],
  ['an address that holds the data', 'data:application/octet-stream;base64,AQID', { '': bytes }],
])('%s is read', async (_what, source, expected) => {
  expect(await opened(source)).toEqual(expected);
});

test('an array may be filled anew as soon as the call has returned', async () => {
  const array = bytes.slice();
  const reading = opened(array);
  array.fill(9);
  expect(await reading).toEqual({ '': bytes });
});

test.each([
  [undefined, 'loadModel: got undefined, expected an address, a File'],
  [undefined, 'Has nothing been stored there yet?'],
  [7, 'loadModel: got 7'],
  ['', 'loadModel: got "", expected an address'],
  [Promise.resolve(file('a')), 'loadModel: got a Promise, which must be awaited, expected an address'],
  [new Response(bytes), 'loadModel: got a Response'],
  [new Response(bytes), 'Give its address, or await response.blob().'],
  [[file('a'), 7], 'got 7'],
  [{ a: 7 }, 'loadModel: a: got 7'],
  [[file('a'), file('a')], 'two files have the name "a"'],
  ['http://', 'loadModel: http://: the file cannot be fetched'],
  ['model.keras', 'Give an address on a server, or the bytes of the file instead of where it lies.'],
  [new URL('file:///nowhere/model.keras'), 'Give an address on a server, or the bytes of the file'],
  [`{"format": "${'x'.repeat(500)}"}`, /^.{200,240}…: the file cannot be fetched/],
  ['http://127.0.0.1:1/a', 'loadModel: http://127.0.0.1:1/a: the file cannot be fetched'],
])('%j is refused', async (source, message) => {
  await expect(opened(source)).rejects.toThrow(message);
  await expect(opened(source)).rejects.toBeInstanceOf(ValueError);
});

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(({ url: path }, response) => {
    if (path === '/large') return void response.writeHead(200, { 'content-length': 2 ** 31 }).end();
    if (path === '/folder/moved') return void response.writeHead(302, { location: '/other/model.json' }).end();
    if (path?.includes('model') || path === '/other/b.bin') return void response.end(bytes);
    response.writeHead(404).end('no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

test('a file of an address has its name, and others are found beside it, after redirections too', async () => {
  expect(await opened(`${url}/model.keras?version=2`)).toEqual({ 'model.keras': bytes });
  expect(await opened({ a: new URL(`${url}/model.keras`) })).toEqual({ a: bytes });
  const { files, fetchBeside } = await openSource('loadModel', new URL(`${url}/folder/moved`));
  expect([...files.keys()]).toEqual(['model.json']);
  expect(await fetchBeside!('b.bin')).toEqual(bytes);
  await expect(fetchBeside!('c.bin')).rejects.toThrow(
    `loadModel: ${url}/other/c.bin: the server answers 404 Not Found`,
  );
});

test('nothing lies beside an address that holds the data itself', async () => {
  const blob = URL.createObjectURL(new Blob([bytes]));
  for (const address of [blob, 'data:,x']) {
    expect((await openSource('loadModel', address)).fetchBeside).toBeUndefined();
  }
});

test('a file that is too large is not read', async () => {
  await expect(opened(`${url}/large`)).rejects.toThrow('the file has 2147483648 bytes, expected at most 2147483647');
  const large = Object.defineProperty(new Blob([]), 'size', { value: 2 ** 31 });
  await expect(opened(large)).rejects.toThrow('the file has 2147483648 bytes');
});
