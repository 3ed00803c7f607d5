import './post.css';
import { html } from '../../drawing/html.ts';
import { experiments, type Result } from '../../experiments/index.ts';
import { loadInto } from '../../page/load-into.ts';
import { wantsNoMotion } from '../../page/motion.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { obstacle } from '../../page/webgpu.ts';
import { Bar } from './bar.ts';
import { Card } from './cards/card.ts';
import { areSame, epochsOfAxes, FIRST_SETTINGS, runId, runsOf, type Settings, settingsWords } from './data.ts';
import { live } from './sources/live.ts';
import { readRecording, recorded } from './sources/recording.ts';
import { runTasks, type Task } from './runner.ts';
import { SettingsForm } from './settings.ts';
import type { Source } from './sources/source.ts';
import { recordingNote } from './recording-note.ts';
import { tableOf } from './words.ts';

/** The experiments of the post as small charts, which train here, or show what was recorded where nothing can be trained. */
export function mountPost(root: HTMLElement): void {
  const post = new Post();
  root.querySelector('.picture')!.append(...post.elements);
}

class Post {
  readonly #results = new Map<string, Result>();
  readonly #table = new TableTwin('The experiments, what is expected of them, and what they came to here');
  readonly #bar = new Bar();
  readonly #runAll = html('button', { type: 'button', disabled: true, textContent: 'Run all', className: 'run-all' });
  readonly #controls = html('div', { className: 'controls' }, this.#runAll);
  readonly #cards = experiments.map((experiment): Card => {
    const card: Card = new Card(experiment, (variant) => {
      void this.#start(() => this.#tasksOf(card).filter(({ run }) => run.variant.id === variant));
    });
    return card;
  });
  readonly #note = html('p', { className: 'quiet', role: 'status' });
  /** The settings of what is shown, and whether anything is. */
  #shown = FIRST_SETTINGS;
  #isEmpty = true;
  readonly #settings: SettingsForm;
  #source?: Source;
  #isRunning = false;

  constructor() {
    this.#settings = new SettingsForm(
      (settings) => this.#hearSettings(settings),
      () => this.#enable(),
    );
    this.#runAll.addEventListener('click', () => void this.#start(() => this.#allTasks()));
    this.#enable();
    this.#showTable();
    void this.#chooseSource();
  }

  get elements(): HTMLElement[] {
    const cards = html('div', { className: 'cards' }, ...this.#cards.map(({ element }) => element));
    return [this.#controls, this.#note, cards, this.#table.element, this.#bar.element];
  }

  /** Where WebGPU is missing, recordings are played, and there is nothing to set. */
  async #chooseSource(): Promise<void> {
    const [missing, file] = await Promise.all([
      obstacle(),
      loadInto(this.#controls, 'What was recorded', () => import('../../recorded/experiments.json')),
    ]);
    const recording = readRecording(file.default);
    if (missing) {
      this.#source = recorded(recording, wantsNoMotion);
      this.#controls.before(recordingNote(missing, recording));
      this.#clear(FIRST_SETTINGS);
    } else {
      this.#source = live(recording);
      this.#controls.append(this.#settings.element);
    }
    const { one, all } = this.#source.verbs;
    this.#runAll.textContent = all;
    for (const card of this.#cards) card.verb = one;
    this.#enable();
  }

  /** A recording has its own settings, whatever the address says. */
  get #wanted(): Settings {
    return this.#source?.isRecorded ? FIRST_SETTINGS : this.#settings.value;
  }

  /** Curves of other settings stay, since someone may look at them or still wait for them, and a note says what they are. */
  #hearSettings(settings: Settings): void {
    if (this.#isEmpty) this.#clear(settings);
    this.#note.textContent = areSame(settings, this.#shown) ? '' : settingsWords(this.#shown);
    // A wrong text in a field is gone with another address.
    if (this.#source) this.#enable();
  }

  #clear(settings: Settings): void {
    this.#shown = settings;
    this.#isEmpty = true;
    this.#note.textContent = '';
    this.#results.clear();
    this.#showTable();
    for (const card of this.#cards) card.clear(epochsOfAxes(settings));
  }

  #tasksOf(card: Card): Task[] {
    return runsOf(card.experiment, this.#shown).map((run) => ({ run, card }));
  }

  #allTasks(): Task[] {
    return this.#cards.flatMap((card) => this.#tasksOf(card));
  }

  async #start(choose: () => readonly Task[]): Promise<void> {
    if (!this.#source || this.#isRunning) return;
    if (!areSame(this.#wanted, this.#shown)) this.#clear(this.#wanted);
    this.#isEmpty = false;
    this.#isRunning = true;
    const signal = this.#bar.begin(document.activeElement);
    this.#enable();
    const options = { source: this.#source, seed: this.#shown.seed, bar: this.#bar, signal };
    try {
      await runTasks(choose(), options, (result) => {
        this.#results.set(runId(result), result);
        this.#showTable();
      });
    } finally {
      this.#isRunning = false;
      this.#enable();
      this.#bar.end();
    }
  }

  #showTable(): void {
    const runs = this.#allTasks().map(({ run }) => run);
    this.#table.show(() => tableOf(runs, this.#results));
  }

  #enable(): void {
    const isIdle = this.#source !== undefined && !this.#isRunning;
    this.#settings.enabled = isIdle;
    const canRun = isIdle && this.#settings.areValid;
    this.#runAll.disabled = !canRun;
    for (const card of this.#cards) card.enabled = canRun;
  }
}
