import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withCudnn } from '../../bench/contenders/cudnn.ts';
import { firstRow } from '../../bench/contenders/plain/first-row.ts';
import type { Row } from '../../bench/measure/outcome.ts';
import { losses } from '../../bench/report/losses.ts';
import { timesTable } from '../../bench/report/times.ts';
import { parseArguments } from '../../bench/run/arguments.ts';
import { readCudnn } from '../../bench/run/cudnn.ts';
import { makeInputs } from '../../bench/works/inputs.ts';
import { sequences } from '../../bench/works/work.ts';
import { UsageError } from '../../headless/complaint.ts';

const folder = mkdtempSync(join(tmpdir(), 'cudnn-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'cudnn.json');
  writeFileSync(path, content);
  return path;
}

describe("cuDNN's times, from the file of cudnn.py", () => {
  const [infer, train, other] = [
    sequences('infer', 2, 3, 4, 5),
    sequences('train', 2, 3, 4, 5),
    sequences('infer', 1, 1, 1, 1),
  ];
  const right = [...firstRow(infer, makeInputs(infer, 1))];
  const timing = { samples: [3, 1, 2], times: 8, firstCall: 40 };
  const times = (outputs: number[]) =>
    readCudnn(
      file(
        JSON.stringify({
          device: 'abacus',
          torch: '2.0',
          cudnn: 90100,
          works: { [infer.id]: { ...timing, firstRow: outputs }, [train.id]: timing },
        }),
      ),
    );
  const rows: Row[] = [infer, train, other].map((work) => ({
    work,
    outcomes: [{ contender: 'ours', median: 6, p10: 5, p90: 7, samples: [6], times: 1, firstCall: 9 }],
  }));

  test('stand beside the others, compared where there are outputs', () => {
    const merged = withCudnn(rows, times(right), 1);
    const [inferred, trained, untouched] = merged.map(({ outcomes }) => outcomes.slice(1));
    expect(inferred).toMatchObject([
      { contender: 'cudnn', median: 2, times: 8, firstCall: 40, agreement: { agrees: true } },
    ]);
    expect(trained).toMatchObject([{ contender: 'cudnn', median: 2 }]);
    expect(trained[0]).not.toHaveProperty('agreement');
    expect(untouched).toEqual([]);
    expect(timesTable(merged)).toContain('| lstm-webgpu | cuDNN (PyTorch) |');
    expect(losses(merged)).toContain(`${infer.title}: cuDNN (PyTorch) 3.0 times as fast as this library.`);
  });

  test('of wrong outputs are told so', () => {
    expect(timesTable(withCudnn(rows, times(right.map((value) => -value)), 1))).toContain('**differs**');
  });

  test.each([
    ['no JSON', 'abacus', 'JSON'],
    ['other JSON', '{"rows": []}', 'was not written by bench/cudnn.py'],
  ])('%s is refused', (_what, content, message) => {
    const read = () => readCudnn(file(content));
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });

  test('a file that is not there is refused', () => {
    expect(() => readCudnn(join(folder, 'none.json'))).toThrow(UsageError);
  });

  test('without a file they are looked for where a GPU is expected', () => {
    const finds = (...args: string[]) => parseArguments(args).findsCudnn;
    expect([finds(), finds('--gpu'), finds('--node'), finds('--gpu', '--cudnn', 'x.json')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
