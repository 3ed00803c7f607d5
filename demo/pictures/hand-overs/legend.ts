import { shape, type Shape } from '../../drawing/shapes.ts';
import { drawLink } from './marks.ts';

const WIDTH = 44;

/** A link, and what it means. */
export interface LegendEntry {
  sample: Shape;
  text: string;
}

/** Tells what the marks between pieces mean, each with a link that is drawn as those of the picture. */
export function legendEntries(): LegendEntry[] {
  const kind = { isReset: false, isRight: false, isNextEpoch: false };
  return [
    { text: 'right: to the next piece of the same sequence', links: { ...kind, isRight: true } },
    { text: 'wrong: to any other piece', links: kind },
    { text: 'from the epoch before', links: { ...kind, isNextEpoch: true } },
    { text: 'a reset: what comes behind starts from nothing', links: { ...kind, isReset: true, isNextEpoch: true } },
  ].map(({ text, links }) => ({ text, sample: sampleOf(drawLink(links, 0, WIDTH, 12)) }));
}

function sampleOf(link: readonly Shape[]): Shape {
  const size = { width: WIDTH, height: 24, viewBox: `0 0 ${WIDTH} 24` };
  return shape('svg', { class: 'hand-overs', ...size, 'aria-hidden': 'true' }, ...link);
}
