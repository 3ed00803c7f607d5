import { readFile } from 'node:fs/promises';
import { label, markupOf, shape, type Shape } from '../../demo/drawing/shapes.ts';
import { type Batching, handOversOf, tally } from '../../demo/pictures/hand-overs/data.ts';
import { picture } from '../../demo/pictures/hand-overs/marks.ts';
import { describe } from '../../demo/pictures/hand-overs/words.ts';

const WIDTH = 720;
const MARGIN = 20;
const TITLE = 34;

const shown: { title: string; batching: Batching }[] = [
  { title: 'In order', batching: { batchSize: 3, order: 'in-order', seed: 1, resets: 0 } },
  { title: 'Interleaved, resetStates: 4', batching: { batchSize: 3, order: 'interleaved', seed: 1, resets: 4 } },
];

function draw(style: string): string {
  let top = MARGIN;
  const panels = shown.flatMap(({ title, batching }) => {
    const panel = still(picture(batching, WIDTH - 2 * MARGIN));
    const { right, wrong } = tally(handOversOf(batching));
    const counts = `${title}: ${right} right hand-overs, ${wrong} wrong`;
    const heading = label(counts, MARGIN, top + 14, { class: 'title' });
    const placed = shape('svg', { ...panel.attributes, x: MARGIN, y: top + TITLE }, ...panel.children);
    top += TITLE + Number(panel.attributes.height) + MARGIN;
    return [heading, placed];
  });
  const text = shown.map(({ batching }) => describe(batching, tally(handOversOf(batching)))).join(' ');
  const size = { width: WIDTH, height: top, viewBox: `0 0 ${WIDTH} ${top}` };
  return markupOf(
    shape(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', ...size, class: 'hand-overs' },
      shape('title', {}, text),
      shape('style', {}, style),
      shape('rect', { class: 'paper', width: WIDTH, height: top, rx: 8 }),
      ...panels,
    ),
  );
}

/** A drawing without what is there to be pressed. */
function still({ name, attributes, children }: Shape): Shape {
  const kept = Object.entries(attributes).filter(([key]) => !/^(aria-|data-|role|tabindex|xmlns)/.test(key));
  const isShown = (child: Shape): boolean => !/handle|target/.test(String(child.attributes.class));
  const inner = children
    .filter((child) => typeof child === 'string' || isShown(child))
    .map((child) => (typeof child === 'string' ? child : still(child)));
  return shape(name, Object.fromEntries(kept), ...inner);
}

/** The style sheet of the picture with its colours written out, since not every program that shows SVG knows variables. */
function styleOf(sheet: string, colors: ReadonlyMap<string, string>): string {
  const own =
    '.hand-overs .title { fill: var(--ink); font-size: 15px; font-weight: 600 } .paper { fill: var(--paper) }';
  return (sheet + own)
    .replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => colors.get(name) ?? 'none')
    .replaceAll(/\s+/g, ' ');
}

/** The colours that a style sheet declares in its first blocks of `:root`: light ones, and what is other in the dark. */
function colorsOf(sheet: string): { light: Map<string, string>; dark: Map<string, string> } {
  const [light, dark] = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, block]) => new Map([...block.matchAll(/(--[\w-]+): (#\w+);/g)].map(([, name, color]) => [name, color])),
  );
  return { light, dark: new Map([...light, ...dark]) };
}

/** The picture of the page that README shows, by the page's own code and in its colours: texts of SVG files by their paths. */
export async function handOversDrawings(): Promise<[path: string, text: string][]> {
  const colors = colorsOf(await readFile('demo/style/colors.css', 'utf8'));
  const sheet = await readFile('demo/pictures/hand-overs/drawing.css', 'utf8');
  return (['light', 'dark'] as const).map((theme) => [
    `docs/hand-overs-${theme}.svg`,
    `${draw(styleOf(sheet, colors[theme]))}\n`,
  ]);
}
