import './post.css';
import { html } from '../../drawing/html.ts';
import { experiments, type Result } from '../../experiments/index.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { obstacle } from '../../page/webgpu.ts';
import { Bar } from './bar.ts';
import { Card } from './card.ts';
import { epochsOfAxes, keyOf, runsOf } from './data.ts';
import { live } from './live.ts';
import { readRecording, recorded } from './recording.ts';
import { runTasks, type Task } from './runner.ts';
import { SettingsForm } from './settings.ts';
import type { Source } from './source.ts';
import { stripOf } from './strip.ts';
import { tableOf } from './words.ts';

/** The experiments of the post as small charts, which train here, or show what was recorded where nothing can be trained. */
export function mountPost(root: HTMLElement): void {
  const post = new Post();
  root.querySelector('.picture')!.append(...post.elements);
}

class Post {
  readonly #results = new Map<string, Result>();
  readonly #table = new TableTwin('The experiments, what is expected of them, and what they came to here');
  readonly #bar = new Bar(() => this.#stopping?.abort());
  readonly #runAll = html('button', { type: 'button', disabled: true, textContent: 'Run all', className: 'run-all' });
  readonly #controls = html('div', { className: 'controls' }, this.#runAll);
  readonly #cards = experiments.map((experiment): Card => {
    const card: Card = new Card(experiment, (variant) => {
      void this.#start(this.#tasksOf(card).filter(({ run }) => run.variant.id === variant));
    });
    return card;
  });
  readonly #settings = new SettingsForm((settings) => {
    for (const card of this.#cards) card.epochs = epochsOfAxes(settings);
  });
  #source?: Source;
  #stopping?: AbortController;

  constructor() {
    this.#runAll.addEventListener('click', () => void this.#start(this.#allTasks()));
    this.#enable(false);
    this.#showTable();
    void this.#chooseSource();
  }

  get elements(): HTMLElement[] {
    const cards = html('div', { className: 'cards' }, ...this.#cards.map(({ element }) => element));
    return [this.#controls, cards, this.#table.element, this.#bar.element];
  }

  /** Where WebGPU is missing, recordings are played, and there is nothing to set. */
  async #chooseSource(): Promise<void> {
    const [missing, file] = await Promise.all([obstacle(), import('../../recorded/experiments.json')]);
    const recording = readRecording(file.default);
    if (missing) {
      const still = matchMedia('(prefers-reduced-motion: reduce)');
      this.#source = recorded(recording, () => still.matches);
      this.#controls.before(stripOf(missing, recording));
    } else {
      this.#source = live(recording);
      this.#controls.append(this.#settings.element);
    }
    const { one, all } = this.#source.verbs;
    this.#runAll.textContent = all;
    for (const card of this.#cards) card.verb = one;
    this.#enable(true);
  }

  #tasksOf(card: Card): Task[] {
    return runsOf(card.experiment, this.#settings.value).map((run) => ({ run, card }));
  }

  #allTasks(): Task[] {
    return this.#cards.flatMap((card) => this.#tasksOf(card));
  }

  async #start(tasks: readonly Task[]): Promise<void> {
    if (!this.#source || this.#stopping) return;
    this.#stopping = new AbortController();
    this.#bar.begin(document.activeElement);
    this.#enable(false);
    const options = {
      source: this.#source,
      seed: this.#settings.value.seed,
      bar: this.#bar,
      signal: this.#stopping.signal,
    };
    try {
      await runTasks(tasks, options, (result) => {
        this.#results.set(keyOf(result), result);
        this.#showTable();
      });
    } finally {
      this.#stopping = undefined;
      this.#enable(true);
      this.#bar.end();
    }
  }

  #showTable(): void {
    const runs = this.#allTasks().map(({ run }) => run);
    this.#table.show(() => tableOf(runs, this.#results));
  }

  #enable(enabled: boolean): void {
    this.#runAll.disabled = !enabled;
    this.#settings.enabled = enabled;
    for (const card of this.#cards) card.enabled = enabled;
  }
}
