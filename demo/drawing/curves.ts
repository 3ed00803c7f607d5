import { loadInto } from '../page/load-into.ts';
import type { CurvesOptions } from './curve-options.ts';
import type { Plot } from './plot.ts';
import { makeLanguageValid } from './valid-language.ts';

/**
 * Curves with axes inside an element. The library that draws them is loaded with the first.
 *
 * The drawing says nothing to those who do not see it: a table beside it must.
 */
export async function drawCurves(root: HTMLElement, options: CurvesOptions): Promise<Plot> {
  makeLanguageValid();
  const { Plot } = await loadInto(root, 'The curves', () => import('./plot.ts'));
  return new Plot(root, options);
}
