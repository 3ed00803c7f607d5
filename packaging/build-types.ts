import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import ts from 'typescript';

/** Entry points, and the files in which the package has their types. */
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

/** Writes the types of both entry points, each as one file, into the folder that is named. */
const [folder = 'dist'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const entries = Object.entries(ENTRIES);
const bundles = generateDtsBundle(
  entries.map(([filePath]) => ({ filePath })),
  { preferredConfigPath: 'tsconfig.build.json' },
);
for (const [index, [entry, file]] of entries.entries()) {
  await writeFile(join(folder, file), withoutValuesOf(await exportedTypes(entry), bundles[index]));
}
