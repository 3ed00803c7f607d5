import { expect, test } from 'vitest';
import { frameOf } from '../../demo/drawing/plot-frame.ts';

test('the ends of both axes lie at the edges of a chart, and labels take their room from the curves', () => {
  const x = { range: [2, 12], ticks: [] } as const;
  const y = { range: [-1, 1], ticks: [] } as const;
  const context = undefined as never;
  const frame = frameOf(context, [356, 136], { x, y });
  expect([2, 7, 12].map(frame.x)).toEqual([44, 194, 344]);
  expect([-1, 0, 1].map(frame.y)).toEqual([108, 58, 8]);
  const labelled = frameOf(context, [356, 136], { x: { ...x, label: 'epochs' }, y: { ...y, label: 'loss' } });
  expect([labelled.x(2), labelled.y(-1)]).toEqual([44 + 14, 108 - 14]);
  expect([labelled.left, labelled.right, labelled.top, labelled.bottom]).toEqual([58, 344, 8, 94]);
});
