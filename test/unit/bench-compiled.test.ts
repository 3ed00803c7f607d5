import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { complaints, markdown, type CompileReport } from '../../bench/compile/report.ts';
import { statisticsOf } from '../../bench/compile/statistics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const report = JSON.parse(read('bench/compiled.json')) as CompileReport;

describe('what is published of compiled kernels', () => {
  // With -u it is written.
  test('bench/COMPILED.md is made of compiled.json', async () => {
    await expect(markdown(report)).toMatchFileSnapshot('../../bench/COMPILED.md');
  });

  test('has no kernel that spills registers or takes scratch', () => expect(complaints(report)).toEqual([]));

  test('has every kernel', () => {
    const files = readdirSync(join(root, 'src/shaders'), { recursive: true, encoding: 'utf8' });
    const kernels = files.filter(
      (file) => file.endsWith('.wgsl') && read(join('src/shaders', file)).includes('\n@compute'),
    );
    const names = new Set(report.kernels.map(({ kernel }) => kernel));
    expect(kernels.length).toBeGreaterThan(50);
    expect(kernels.map((file) => basename(file, '.wgsl')).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('a report', () => {
  const [kernel] = report.kernels;
  const withStatistics = (statistics: object) => ({ ...kernel, statistics: { ...kernel.statistics, ...statistics } });
  const inRegisters = { spilled: 0, scratch: 0 };

  test.each([
    ['spilled registers', { ...inRegisters, spilled: 3 }, 'spills 3 registers and takes 0 bytes'],
    ['scratch', { ...inRegisters, scratch: 64 }, 'spills 0 registers and takes 64 bytes'],
  ])('complains of %s', (_, statistics, text) => {
    const kernels = [withStatistics(inRegisters), withStatistics(statistics)];
    expect(complaints({ ...report, kernels })).toEqual([expect.stringContaining(text)]);
  });

  test('takes the worst figures of all sizes of a tile', () => {
    const worst = { registers: 200, spilled: 0, scratch: 0, workgroupMemory: 7, instructions: 9000 };
    const kernels = [withStatistics({ ...worst, waves: 20 }), withStatistics({ ...worst, registers: 8, waves: 4 })];
    expect(markdown({ ...report, kernels })).toContain('| 200 | 0 | 0 | 7 | 4 | 9,000 | 2 |');
  });
});

test('a figure that the driver does not report is missed by name', () => {
  expect(() => statisticsOf('{"VGPRs":8,"Subgroup size":64}')).toThrow('"Spilled VGPRs", but VGPRs, Subgroup size');
});
