import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FolderServer {
  /** Ends with a slash. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a folder at `http://127.0.0.1:<port><mount>`, and nothing above or beside it, as a static host would.
 *
 * @param headers sent with every file
 */
export async function serveFolder(
  folder: string,
  mount = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<FolderServer> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (!path.startsWith(mount)) return void response.writeHead(404).end();
    const file = path === mount ? 'index.html' : path.slice(mount.length);
    readFile(join(folder, file)).then(
      (content) => {
        const type = TYPES[extname(file)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, ...headers }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${mount}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
