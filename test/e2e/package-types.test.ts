import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as formats from '../../src/formats/index.ts';
import * as library from '../../src/index.ts';
import * as data from '../../src/preprocessing/index.ts';

const run = promisify(execFile);
let project: string;
let installed: string;

// As npm would install it: a project with the package, its types, and those of WebGPU.
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'consumer-'));
  installed = join(project, 'node_modules', 'lstm-webgpu');
  await cp('test/e2e/consumer', project, { recursive: true });
  await run('npm', ['run', 'build:types', '--', join(installed, 'dist')]);
  await copyFile('package.json', join(installed, 'package.json'));
  await symlink(resolve('node_modules', '@webgpu'), join(project, 'node_modules', '@webgpu'));
});

afterAll(() => rm(project, { recursive: true }));

/** Compiles the project strictly, with the types of the library. @returns what the compiler says */
async function compile(compiler: string, ...options: string[]): Promise<string> {
  const command = [resolve('node_modules', compiler, 'bin', 'tsc'), '--project', project, ...options];
  return run(process.execPath, command).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

// Beside each other, since each keeps one core busy.
test.concurrent('a strict project compiles with TypeScript 6, which knows WebGPU', async () => {
  expect(await compile('typescript')).toBe('');
});

test.concurrent('a strict project compiles with TypeScript 5.7 and @webgpu/types', async () => {
  expect(await compile('typescript-5.7', '--types', '@webgpu/types')).toBe('');
});

/** Lists from which types of strings are made. They are not exported, and need not be. */
const LIST = /^declare const [A-Z_]+: readonly \[$/gm;

test.each([
  ['lstm-webgpu', 'src/index.ts', library, 'sequential'],
  ['lstm-webgpu-data', 'src/preprocessing/index.ts', data, 'windows'],
  ['lstm-webgpu-formats', 'src/formats/index.ts', formats, 'saveModel'],
])('the types of %s name nothing that is not public', async (name, entry, module, first) => {
  const [types, index] = await Promise.all([
    readFile(join(installed, 'dist', `${name}.d.ts`), 'utf8'),
    readFile(entry, 'utf8'),
  ]);
  const namesOf = (kinds: string) =>
    [...types.replace(LIST, '').matchAll(new RegExp(`^${kinds} ([\\w$]+)`, 'gm'))].map((match) => match[1]);
  const declared = namesOf('(?:export )?(?:declare )?(?:abstract )?(?:class|const|enum|function|interface|type)');
  expect(declared).toContain(first);
  // A type that a public type names is public too, and is exported, so that whoever uses the library can name it.
  const unexported = declared.filter((word) => !index.split(/\W+/).includes(word));
  expect(unexported, `export them from ${entry}, or mark what names them @internal`).toEqual([]);
  expect(types).not.toContain('@internal');
  // A class of which the type alone is exported cannot be imported as a value, which the module does not have.
  const values = new Set(namesOf('export declare (?:class|const|function)'));
  expect([...values].sort()).toEqual(Object.keys(module).sort());
});
