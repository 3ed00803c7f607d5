import { contenderIds, contenderTitles } from '../contenders/names.ts';
import type { Agreement } from '../measure/agreement.ts';
import { isTiming, type Outcome, type Row } from '../measure/outcome.ts';
import { pieces } from '../works/work.ts';
import type { Results } from './results.ts';
import { aims } from './aims.ts';
import { firstCallsSection } from './first-calls.ts';
import { generationSection } from './generation.ts';
import { losses } from './losses.ts';
import { memorySection } from './memory.ts';
import { rates, rooflineTable } from './rates.ts';
import { stacksSection } from './stacks.ts';
import { streamsSection } from './streams.ts';
import { table } from './table.ts';
import { timesTable } from './times.ts';
import { duration } from './words.ts';

/** The page RESULTS.md. */
export function markdown(results: Results): string {
  const { rows, stacks, streams, generation, firstCalls } = results;
  return `${[
    '# Speed',
    `Made by \`${results.command}\`; do not edit. ${measuredOn(results)}`,
    explanation,
    timesTable(rows),
    '![How long others take, relative to this library](ratios.svg)',
    'A diamond runs on the GPU, a circle on the processor.',
    '## Where others are faster',
    losses(rows),
    ...(firstCalls ? ['## First call', firstCallsSection(firstCalls)] : []),
    ...(stacks.rows.length > 0 ? ['## Stacks of LSTM layers', stacksSection(stacks)] : []),
    ...(streams?.rows.length ? ['## Streams', streamsSection(streams)] : []),
    ...(generation?.rows.length ? ['## Generated steps', generationSection(generation)] : []),
    '## What this GPU can do',
    rooflineTable(results),
    '## How much of it is used',
    rates(results),
    '## Memory',
    memorySection(results.memory),
    '## What was set out to reach',
    'On a software GPU with two processor cores; medians of one run.',
    aims(results),
    '## In detail',
    details([...rows, ...(streams?.rows ?? []), ...(generation?.rows ?? [])]),
    versions(results),
  ].join('\n\n')}\n`;
}

const explanation = `Wall time for one update, batch, step or product, from the call until the results are back: the median over the samples
and, in brackets, how many times as long as this library it takes. Below 1 the other is faster. All compute in float32 with the same weights,
samples and activations (\`tanh\` and \`sigmoid\`), and results are compared in the same run. Samples of all contenders are
taken in turn. The plain loop and TF.js cpu have one processor core, all others as many as there are. "–": cannot do it.`;

function details(rows: readonly Row[]): string {
  const text = `The first call is from nothing to the first result: model, kernels, first run, in a page where others may have run before. A sample
is as many pieces of work in one go as take about 50 ms. The difference is that of outputs, or of weights after three updates relative to how far these moved, from the plain loop's;
steps that are generated are compared after the first three, by the outputs that follow, and classes have to be the same.`;
  const lines = rows.flatMap(({ work, outcomes }) =>
    inOrder(outcomes).map((outcome) => {
      const start = [work.id, contenderTitles[outcome.contender]];
      if (!isTiming(outcome)) return [...start, `failed: ${outcome.failure}`, '', '', '', '', ''];
      const { median, p10, p90, samples, times, firstCall, agreement } = outcome;
      return [
        ...start,
        duration(median),
        `${duration(p10)} – ${duration(p90)}`,
        `${samples.length} × ${pieces(work, times)}`,
        duration(firstCall),
        ...compared(agreement),
      ];
    }),
  );
  const head = ['work', 'contender', 'median', 'p10 – p90', 'samples', 'first call', 'difference', 'tolerance'];
  return `${text}\n\n${table(head, lines)}`;
}

function compared(agreement: Agreement | undefined): string[] {
  if (!agreement) return ['not compared', ''];
  const { difference, tolerance, agrees } = agreement;
  return [
    difference === 0 ? '0' : difference.toExponential(1),
    `${tolerance.toExponential(0)}${agrees ? '' : ' **exceeded**'}`,
  ];
}

function inOrder(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.toSorted((a, b) => contenderIds.indexOf(a.contender) - contenderIds.indexOf(b.contender));
}

/** Where and when, in a sentence. */
export function measuredOn({ machine, environment, adapterName }: Results): string {
  const { date, processor, cores } = machine;
  return `Measured on ${date}: ${processor}, ${cores} cores, ${environment}, WebGPU on ${adapterName}.`;
}

function versions({ packages, cudnn }: Results): string {
  const list = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const beside = cudnn ? ` cuDNN ${cudnn.cudnn} through PyTorch ${cudnn.torch}, TF32 off, on ${cudnn.device}.` : '';
  return `Packages of bench/: ${list.join(', ')}.${beside}`;
}
