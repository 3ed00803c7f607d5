import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const isDocument = (path: string) => path.endsWith('.md') && !path.includes('node_modules');
const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
const documents = [...readdirSync('.'), ...['bench', 'docs', 'src', 'test'].flatMap(below)].filter(isDocument);

/** As GitHub makes them of headings. */
const anchorsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

test('there are documents', () => {
  expect(documents).toContain('README.md');
  expect(documents).toContain(join('docs', 'kernels.md'));
});

describe.each(documents)('%s', (document) => {
  test('links to files and headings that are there', () => {
    const links = [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, path, anchor]) => {
      const target = path === '' ? document : join(dirname(document), path);
      const isThere = statSync(target, { throwIfNoEntry: false }) !== undefined;
      return !isThere || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
