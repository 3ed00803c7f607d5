import { describe, expect, test } from 'vitest';
import { minifiedWgsl, shortNames } from '../../../packaging/minified-wgsl.ts';
import { withLengths } from '../../../src/runtime/array-lengths.ts';
import type { BindingUse, KernelContract } from '../../../src/runtime/kernel.ts';
import { specialized } from '../../../src/runtime/specialize.ts';
import type { Struct } from '../../../src/runtime/struct.ts';
import { partitionAmong } from '../../../src/shaders/resident/partition.ts';
import { residentUpdates } from '../../../src/shaders/resident/resident-updates.ts';
import { workspaceStruct } from '../../../src/shaders/resident/workspace.ts';
import table from '../../../src/shaders/README.md?raw';
import { gpu } from '../gpu.ts';

const modules = import.meta.glob<Record<string, unknown>>('../../../src/shaders/**/*.ts', { eager: true });
const texts = import.meta.glob<string>('../../../src/shaders/*/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});
/** Kernels by their paths; files without an entry point are preludes. */
const files = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.includes('@compute')));

const isKernel = (value: unknown): value is KernelContract =>
  typeof value === 'object' && value !== null && 'bindings' in value;
interface Variant {
  kernel: KernelContract;
  /** The keys that lead to it. */
  path: string[];
}

/** All kernels of an export, which is one kernel, or one for each precision or each way to load. */
const variantsIn = (value: unknown, path: string[] = []): Variant[] => {
  if (isKernel(value)) return [{ kernel: value, path }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => variantsIn(inner, [...path, key]));
};
const exported = Object.values(modules)
  .flatMap((module) => Object.values(module).map((value) => variantsIn(value)))
  .filter((variants) => variants.length > 0);
const kernels = exported.flatMap((all) =>
  all.map(({ kernel, path }) => ({ ...kernel, title: [kernel.name, ...path].join(', ') })),
);

/** The address space and access of each use. */
const SPACES: Record<BindingUse, string> = {
  read: 'storage, read',
  'read-write': 'storage, read_write',
  frame: 'uniform',
  uniform: 'uniform',
};

/** The names of the kernels in a folder. */
const namesIn = (folder: string) =>
  new Set(Object.keys(files).flatMap((path) => path.match(`/${folder}/([^/]+)\\.wgsl$`)?.[1] ?? []));

/** Every match of a pattern's groups. */
const all = (source: string, pattern: RegExp): string[][] =>
  [...source.matchAll(pattern)].map(([, ...groups]) => groups);

test('every WGSL file has one contract, or one for each of its variants, named as the file', () => {
  const named = Object.keys(files).map((path) => path.match(/([^/]+)\.wgsl$/)?.[1]);
  expect(new Set(kernels.map(({ name }) => name))).toEqual(new Set(named));
  expect(exported).toHaveLength(named.length);
  expect(new Set(kernels.map(({ title }) => title)).size).toBe(kernels.length);
});

/** What a device that enables a language extension has among its features. */
const FEATURES: Record<string, GPUFeatureName> = { f16: 'shader-f16', subgroups: 'subgroups' };

/** The resident kernel needs sizes that belong together, which models have that train in one workgroup. */
const compilable = kernels.filter(
  ({ name, extensions = [] }) =>
    name !== 'resident-updates' && extensions.every((needed) => gpu.device.features.has(FEATURES[needed])),
);

const names = shortNames(Object.values(texts));
const minified = compilable.map(({ title, ...kernel }) => ({
  ...kernel,
  title: `${title}, minified`,
  source: minifiedWgsl(kernel.source, names),
  preludes: kernel.preludes?.map((text) => minifiedWgsl(text, names)),
}));

test.each([...compilable, ...minified])('$title compiles as a module', async (kernel) => {
  const { source, preludes = [], extensions = [], constants } = kernel;
  const text = [...extensions.map((name) => `enable ${name};`), ...preludes, source].join('\n');
  // Specialized kernels get constants of one, four units with persistent weights, and threads for four slices of four units.
  const needed = { PERSISTENT_UNITS: 4, TILE_UNITS: 4, THREADS: 16 };
  const ones = { ...Object.fromEntries(constants.map((name) => [name, 1])), ...needed };
  const code = kernel.isSpecialized ? specialized(text, ones) : text;
  const { messages } = await gpu.device.createShaderModule({ code }).getCompilationInfo();
  expect(messages.filter(({ type }) => type === 'error').map(({ message }) => message)).toEqual([]);
});

test('the variants of a kernel differ in what they enable and in a prelude for each way to differ', () => {
  for (const [{ kernel: first }, ...others] of exported) {
    for (const { kernel, path } of others) {
      expect({ ...kernel, extensions: first.extensions, preludes: first.preludes }).toEqual(first);
      const own = kernel.preludes!.filter((prelude) => !first.preludes!.includes(prelude));
      expect(kernel.preludes).toHaveLength(first.preludes!.length);
      expect(own.length).toBeGreaterThan(0);
      expect(own.length).toBeLessThanOrEqual(path.length);
    }
  }
});

describe.each(kernels)('$title', ({ name, source, preludes = [], bindings, constants, sizes = [] }) => {
  const code = [...preludes, source].join('\n');

  test('declares the bindings of its contract, in order', () => {
    const declared = all(code, /@group\((\d)\) @binding\((\d+)\) var<([^>]+)> (\w+)/g);
    const expected = Object.entries(bindings).map(([key, use], index) => ['0', String(index), SPACES[use], key]);
    expect(declared).toEqual(expected);
  });

  test('declares the override constants of its contract, no more and no fewer', () => {
    // Those with a value are worked out from the others.
    const declared = all(code, /^override (\w+):/gm).flat();
    expect(new Set(declared)).toEqual(new Set(constants));
    expect(declared).toHaveLength(constants.length);
  });

  test('lists as sizes the constants that depend on the batch size or the number of steps', () => {
    // Optimizers and penalties of weights work on weights alone, the resident kernel has private arrays of these sizes, and
    // tiles in workgroup memory are no candidate on software adapters.
    const inWorkgroupMemory = ['product-workgroup-tiled', 'lstm-forward-split-k', 'lstm-backward-split-k'];
    const hasNone = ['weight-penalty', 'weight-cast', 'resident-updates', ...inWorkgroupMemory];
    const dependent =
      namesIn('optimizers').has(name) || hasNone.includes(name)
        ? []
        : ['ROWS', 'STEPS', 'POSITIONS', 'ELEMENTS', 'SAMPLES'];
    const wanted = constants.filter((constant) => dependent.includes(constant));
    expect(sizes.filter((constant) => dependent.includes(constant)).toSorted()).toEqual(wanted.toSorted());
    expect(constants).toEqual(expect.arrayContaining([...sizes]));
  });

  test('stands in the table of all kernels with its bindings', () => {
    const marks: Record<BindingUse, string> = { read: '', 'read-write': '*', frame: '°', uniform: '' };
    const row = table.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    const listed = row?.split('|')[2].trim();
    expect(listed).toBe(
      Object.entries<BindingUse>(bindings)
        .map(([binding, use]) => `\`${binding}${marks[use]}\``)
        .join(', '),
    );
  });

  test('is the file of its name, under a header in the agreed order', () => {
    const path = Object.keys(files).find((file) => file.endsWith(`/${name}.wgsl`));
    const text = files[path!];
    expect(source).toBe(text);
    const [header] = text.split(/\n(?!\/\/)/, 1);
    // Sentence (one or two lines), blank, formula, blank, and the four headings; continuation lines are indented.
    const shape =
      /^(\/\/ \S.*\n){1,2}\/\/\n(\/\/   +\S.*\n)+\/\/\n\/\/ Shapes {3}.+\n(\/\/ {10}.+\n)*\/\/ Threads {2}.+\n(\/\/ {10}.+\n)*\/\/ Hazards {2}.+\n(\/\/ {10}.+\n)*\/\/ Source {3}.+$/;
    expect(header).toMatch(shape);
  });
});

test.each(kernels.filter(({ fixedLengths }) => fixedLengths))(
  '$title: its arrays with fixed lengths get them, and no others',
  ({ source, preludes = [], bindings, fixedLengths }) => {
    const arrays = Object.keys(bindings).filter((name) => bindings[name] !== 'frame');
    const bytes = Object.fromEntries((fixedLengths === 'all' ? arrays : fixedLengths!).map((name) => [name, 1024]));
    const code = withLengths([...preludes, source].join('\n'), bytes);
    const declared = all(code, /var<storage.+> (\w+): +array<\w+, \d+>;/g).flat();
    expect(new Set(declared)).toEqual(new Set(Object.keys(bytes)));
  },
);

/** Whether a buffer of so many bytes holds a struct, in the opinion of the compiler, which lays the struct out itself. */
async function holds(bytes: number, type: string, declarations: string): Promise<boolean> {
  const { device } = gpu;
  const code = `${declarations}
    @group(0) @binding(0) var<storage, read> probe: ${type};
    @compute @workgroup_size(1) fn probing() { _ = &probe; }`;
  const compute = { module: device.createShaderModule({ code }), entryPoint: 'probing' };
  const layout = (await device.createComputePipelineAsync({ layout: 'auto', compute })).getBindGroupLayout(0);
  const buffer = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE });
  device.pushErrorScope('validation');
  device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
  return (await device.popErrorScope()) === null;
}

const isStruct = (value: unknown): value is Struct => typeof value === 'object' && value !== null && 'offsets' in value;
const structs = Object.values(modules).flatMap((module) => Object.values(module).filter(isStruct));

// test/unit/structs.test.ts compares their fields.
test.each(structs)('$name has the size that the compiler gives it', async ({ name, size }) => {
  const declaration = all(Object.values(texts).join('\n'), new RegExp(`^(struct ${name} \\{[^}]+\\})`, 'gm')).flat();
  expect(await holds(size, name, declaration[0])).toBe(true);
  expect(await holds(size - 4, name, declaration[0])).toBe(false);
});

test.each([
  { threads: 1, ROWS: 1, STEPS: 1, INPUTS: 1, UNITS: 1, OUTPUTS: 1 },
  { threads: 4, ROWS: 3, STEPS: 7, INPUTS: 2, UNITS: 10, OUTPUTS: 3 },
  { threads: 28, ROWS: 5, STEPS: 4, INPUTS: 3, UNITS: 5, OUTPUTS: 2 },
  { threads: 128, ROWS: 2, STEPS: 3, INPUTS: 1, UNITS: 35, OUTPUTS: 1 },
])('the workspace of $UNITS units has the size that the compiler gives it', async ({ threads, ...sizes }) => {
  const partition = partitionAmong(threads, sizes);
  const { name, size } = workspaceStruct(sizes, partition);
  const { source, preludes = [], constants } = residentUpdates;
  const ones = Object.fromEntries(constants.map((constant) => [constant, 1]));
  const code = specialized([...preludes, source].join('\n'), { ...ones, ...sizes, ...partition });
  expect(await holds(size, name, code)).toBe(true);
  expect(await holds(size - 4, name, code)).toBe(false);
});
