import { type Gpu, requestGpu } from '../src/index.ts';
import { ExperimentCard } from './experiment-card.ts';
import { experiments, type Variant } from './experiments/index.ts';
import { runExperiment } from './experiments/run/index.ts';
import { ResultsTable } from './results-table.ts';
import { showUnsupported } from './unsupported.ts';

const form = document.querySelector<HTMLFormElement>('#settings')!;
const runAll = form.querySelector('button')!;
const table = new ResultsTable(document.querySelector<HTMLTableSectionElement>('#results tbody')!);
const cards = experiments.map(
  (experiment) =>
    new ExperimentCard(experiment, {
      run: (variant) => void start([[cards.find((card) => card.experiment === experiment)!, variant]]),
      stop: () => stopping?.abort(),
    }),
);
document.querySelector('#experiments')!.append(...cards.map(({ element }) => element));

let gpu: Gpu | undefined;
let stopping: AbortController | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void start(
    cards.flatMap((card) => card.experiment.variants.map((variant): [ExperimentCard, Variant] => [card, variant])),
  );
});

/** Runs what is given, one after the other, until something stops it. */
async function start(runs: [ExperimentCard, Variant][]): Promise<void> {
  if (stopping !== undefined || !form.reportValidity()) return;
  const settings = new FormData(form);
  const seed = Number(settings.get('seed'));
  const wantedEpochs = Number(settings.get('epochs'));
  const pressed = document.activeElement;
  stopping = new AbortController();
  enable(false);
  for (const [card, variant] of runs) {
    if (stopping.signal.aborted) break;
    await run(card, variant, seed, wantedEpochs, stopping.signal);
  }
  stopping = undefined;
  enable(gpu !== undefined);
  // Back from the stop button, which is gone.
  if (document.activeElement?.matches('body, .stop') && pressed instanceof HTMLElement)
    pressed.focus({ preventScroll: true });
}

async function run(
  card: ExperimentCard,
  variant: Variant,
  seed: number,
  wanted: number,
  signal: AbortSignal,
): Promise<void> {
  const { experiment } = card;
  const epochs = experiment.defaultEpochs === 0 ? 0 : wanted || experiment.defaultEpochs;
  card.begin(variant, epochs);
  const result = await runExperiment(experiment, {
    gpu: gpu!,
    variant: variant.id,
    seed,
    epochs,
    signal,
    onEpoch: (epoch) => card.epoch(epoch),
    onProgress: (progress) => card.progress(progress),
  });
  card.end(result);
  table.show(result);
}

/** Opens the GPU, and another one whenever the system takes it away. */
async function open(): Promise<void> {
  try {
    gpu = await requestGpu();
  } catch (error) {
    gpu = undefined;
    document.querySelector('#adapter')!.textContent = '';
    showUnsupported(document.querySelector<HTMLElement>('#unsupported')!, error);
    return;
  }
  document.querySelector('#adapter')!.textContent = `Running on: ${gpu.adapterName}`;
  enable(stopping === undefined);
  void gpu.lost.then(open);
}

function enable(enabled: boolean): void {
  runAll.disabled = !enabled;
  for (const card of cards) card.enabled = enabled;
}

void open();
