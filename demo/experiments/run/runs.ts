import { cutIntoWindows } from './cut-into-windows.ts';
import type { Run } from './context.ts';
import { trainByElement } from './train-by-element.ts';
import { trainElementsWithFit } from './train-elements-with-fit.ts';
import { trainOnSequences } from './train-on-sequences.ts';
import { trainOnWindows } from './train-on-windows.ts';
import { trainWithAndWithoutValidation } from './validation-states.ts';

/** How each experiment runs, by its id. */
export const runs: Readonly<Record<string, Run>> = {
  windows: cutIntoWindows,
  'stateless-full': trainOnSequences,
  'stateless-windows': (context) => trainOnWindows(context, { stateful: false }),
  'stateful-windows': (context) => trainOnWindows(context, { stateful: true }),
  'stateful-elements': (context) => trainByElement(context, { stateful: true }),
  'stateless-elements': (context) => trainByElement(context, { stateful: false }),
  'callback-reset': trainElementsWithFit,
  'validation-states': trainWithAndWithoutValidation,
};
