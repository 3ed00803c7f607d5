import { expect, test } from 'vitest';
import type { Kind, Shapes } from '../../demo/pictures/questions/data.ts';
import { FIRST } from '../../demo/pictures/questions/data.ts';
import { snippet } from '../../demo/pictures/questions/snippets.ts';
import { browseBuild } from './browse-build.ts';

/** Sizes that divide nothing, more rows than needed, and the fewest of everything. */
const shapes: Shapes[] = [
  FIRST.shapes,
  { sequences: 11, steps: 7, features: 3, batchSize: 4 },
  { sequences: 1, steps: 2, features: 1, batchSize: 1 },
];
const kinds: Kind[] = ['stateless', 'stateful', 'stream'];
const programs = kinds.flatMap((kind) =>
  shapes.map((shapes) => ({ kind, shapes: JSON.stringify(shapes), code: snippet(kind, shapes) })),
);
const scripts = Object.fromEntries(programs.map(({ code }, index) => [`${index}.js`, code]));
const built = browseBuild({ 'index.html': '<!doctype html><link rel="icon" href="data:," />', ...scripts });

test.each(programs.map((program, index) => ({ ...program, index })))(
  'the program that the page writes for a $kind model of $shapes runs, and learns what it is about',
  async ({ index, kind, shapes }) => {
    const page = await built.browser.newPage();
    const written: string[] = [];
    page.on('console', (message) => written.push(message.text()));
    await page.goto(built.url);
    await page.evaluate(`import('./${index}.js').then(() => {})`);
    await page.close();

    const accuracy = Number(/^accuracy (\S+)$/m.exec(written.join('\n'))?.[1]);
    const isWhole = shapes === JSON.stringify(FIRST.shapes);
    expect(accuracy).toBeGreaterThanOrEqual(isWhole ? 0.95 : 0);
    const live = written.filter((line) => line.startsWith('now '));
    expect(live).toHaveLength(kind === 'stream' ? (JSON.parse(shapes) as Shapes).steps : 0);
    expect(written.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
  },
);
