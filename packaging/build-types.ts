import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import ts from 'typescript';

/** Entry points that share nothing, and the files in which the package has their types. */
const ENTRIES = { 'src/index.ts': 'lstm-webgpu.d.ts', 'src/preprocessing/index.ts': 'lstm-webgpu-data.d.ts' };

/** The names of an entry point that are exported as types alone. */
async function exportedTypes(entry: string): Promise<string[]> {
  const { statements } = ts.createSourceFile(entry, await readFile(entry, 'utf8'), ts.ScriptTarget.Latest);
  return statements
    .filter(ts.isExportDeclaration)
    .flatMap(({ isTypeOnly, exportClause }) =>
      exportClause && ts.isNamedExports(exportClause)
        ? exportClause.elements.filter((element) => isTypeOnly || element.isTypeOnly).map(({ name }) => name.text)
        : [],
    );
}

/**
 * Exports classes of which the entry point exports the type alone as types too. The generator exports them as values, so that
 * an import of the value would compile, and fail when it runs.
 */
function withoutValuesOf(types: readonly string[], declarations: string): string {
  const classes = types.filter((name) => declarations.includes(`export declare class ${name} `));
  const text = classes.reduce(
    (before, name) => before.replace(`export declare class ${name} `, `declare class ${name} `),
    declarations,
  );
  return classes.length === 0 ? text : `${text}\nexport type { ${classes.join(', ')} };\n`;
}

/** Names the part of TypeScript's own library that knows `using`, which a project for an older one does not have. */
function withLibraryOf(declarations: string): string {
  const isNeeded = declarations.includes('[Symbol.dispose]');
  return isNeeded ? `/// <reference lib="esnext.disposable" />\n${declarations}` : declarations;
}

/** Writes the types of the entry points that share nothing, each as one file. */
async function writeTypes(folder: string): Promise<void> {
  const entries = Object.entries(ENTRIES);
  const bundles = generateDtsBundle(
    entries.map(([filePath]) => ({ filePath })),
    { preferredConfigPath: 'tsconfig.build.json' },
  );
  for (const [index, [entry, file]] of entries.entries()) {
    await writeFile(join(folder, file), withLibraryOf(withoutValuesOf(await exportedTypes(entry), bundles[index])));
  }
}

/**
 * Writes the types of lstm-webgpu/formats, which import those of the library: copies of its classes would be other classes. The
 * generator bundles all but packages, so it works on a copy of the sources, for which the library is one.
 *
 * @param folder where the types of the library have been written
 */
async function writeTypesOfFormats(folder: string): Promise<void> {
  const project = await mkdtemp(join(tmpdir(), 'formats-types-'));
  try {
    await makeProject(project, join(folder, 'lstm-webgpu.d.ts'));
    const entry = join(project, 'formats', 'index.ts');
    const [types] = generateDtsBundle([{ filePath: entry, libraries: { importedLibraries: ['lstm-webgpu'] } }], {
      preferredConfigPath: join(project, 'tsconfig.build.json'),
    });
    const beside = types.replaceAll(`from 'lstm-webgpu'`, `from './lstm-webgpu.js'`);
    await writeFile(join(folder, 'lstm-webgpu-formats.d.ts'), withoutValuesOf(await exportedTypes(entry), beside));
  } finally {
    await rm(project, { recursive: true });
  }
}

/** Makes a project of the sources of formats/ that imports the library as a package. */
async function makeProject(project: string, libraryTypes: string): Promise<void> {
  const formats = join(project, 'formats');
  await cp('src/formats', formats, { recursive: true });
  for (const name of (await readdir(formats, { recursive: true })).filter((each) => each.endsWith('.ts'))) {
    const library = `from '${'../'.repeat(name.split(sep).length)}index.ts'`;
    const text = await readFile(join(formats, name), 'utf8');
    await writeFile(join(formats, name), text.replaceAll(library, `from 'lstm-webgpu'`));
  }
  const modules = join(project, 'node_modules');
  await mkdir(join(modules, 'lstm-webgpu'), { recursive: true });
  await cp(libraryTypes, join(modules, 'lstm-webgpu', 'index.d.ts'));
  for (const name of ['@webgpu', 'fflate', 'h5wasm', 'pbf'])
    await symlink(resolve('node_modules', name), join(modules, name));
  await cp('tsconfig.json', join(project, 'tsconfig.json'));
  const compilerOptions = { types: ['@webgpu/types'], stripInternal: true };
  const config = { extends: './tsconfig.json', compilerOptions, include: ['formats'] };
  await writeFile(join(project, 'tsconfig.build.json'), JSON.stringify(config));
}

/** Writes the types of all entry points into the folder that is named. */
const [folder = 'dist'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
await writeTypes(folder);
await writeTypesOfFormats(folder);
