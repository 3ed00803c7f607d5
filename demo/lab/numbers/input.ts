import { takeDrops } from '../../page/drop-zone.ts';
import { CsvError } from './csv-error.ts';
import type { ChosenSeries } from './data.ts';
import { likeliestColumn, MOST_CHARACTERS, readCsv, tooLong, type NumberTable } from './read-csv.ts';
import { SAMPLE_NAME, sampleCsv } from './sample.ts';
import type { Commas } from './unclear-marks.ts';

/** The series in the text field, or else what is wrong with it. */
export interface Read {
  series?: ChosenSeries;
  /** Whether it is the sample. */
  isSample: boolean;
  problem: string;
}

/** Problems that are told one by one. */
const TOLD = 3;

/** Where numbers come in: a text field, or a file; then which column, and what commas and the first line are. */
export class NumbersInput {
  readonly #text: HTMLTextAreaElement;
  readonly #columns: HTMLSelectElement;
  readonly #commas: HTMLSelectElement;
  /** Shows whether the first line is read as names, by its looks until the reader says it. */
  readonly #header: HTMLInputElement;
  #isHeaderChosen = false;
  readonly #sample = sampleCsv();
  #table?: NumberTable;

  constructor(
    root: HTMLElement,
    private readonly onRead: (read: Read) => void,
  ) {
    const part = <Part extends HTMLElement>(name: string): Part => root.querySelector<Part>(`[name=${name}]`)!;
    this.#text = part('csv');
    this.#columns = part('column');
    this.#commas = part('commas');
    this.#header = part('header');
    const file = part<HTMLInputElement>('file');
    this.#text.addEventListener('input', () => this.#read());
    this.#text.addEventListener('paste', (event) => {
      const { length } = event.clipboardData?.getData('text') ?? '';
      if (length <= MOST_CHARACTERS) return;
      // The field would take seconds to show so many lines.
      event.preventDefault();
      this.#refuse(tooLong(length).message);
    });
    this.#commas.addEventListener('change', () => this.#read());
    this.#header.addEventListener('change', () => {
      this.#isHeaderChosen = true;
      this.#read(this.#columns.value);
    });
    this.#columns.addEventListener('change', () => this.#choose());
    file.addEventListener('change', () => void this.#open(file.files?.[0]));
    part('sample').addEventListener('click', () => this.showSample());
    takeDrops(root.querySelector<HTMLElement>('.drop-zone')!, ([dropped]) => void this.#open(dropped));
  }

  showSample(): void {
    this.#show(this.#sample);
  }

  async #open(file: File | undefined): Promise<void> {
    if (!file) return;
    // No character takes more than 4 bytes.
    if (file.size > 4 * MOST_CHARACTERS) {
      const megabytes = (file.size / 1e6).toFixed(1);
      return this.#refuse(`${file.name} has ${megabytes} MB. The lab reads up to ${MOST_CHARACTERS / 1e6} MB.`);
    }
    // A folder can be dropped too, and has no text.
    const text = await file.text().catch(() => undefined);
    if (text === undefined) return this.#refuse(`${file.name} cannot be read as a file.`);
    this.#take(text);
  }

  /** Shows a text from elsewhere, unless the field itself would stand still over it. */
  #take(text: string): void {
    if (text.length > MOST_CHARACTERS) this.#refuse(tooLong(text.length).message);
    else this.#show(text);
  }

  #refuse(problem: string): void {
    this.onRead({ isSample: false, problem });
  }

  #show(text: string): void {
    this.#text.value = text;
    this.#commas.value = 'guess';
    this.#isHeaderChosen = false;
    this.#read();
  }

  /** @param column the number of the one to take, if not the likeliest */
  #read(column?: string): void {
    try {
      const hasHeader = this.#isHeaderChosen ? this.#header.checked : undefined;
      this.#table = readCsv(this.#text.value, { commas: this.#commas.value as Commas, hasHeader });
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      this.#table = undefined;
      this.#columns.replaceChildren();
      this.#columns.disabled = true;
      if (!this.#isHeaderChosen) this.#header.checked = false;
      this.#commas.ariaInvalid = String(error.choosesCommas);
      return this.onRead({ isSample: false, problem: error.message });
    }
    const { columns, hasHeader } = this.#table;
    this.#header.checked = hasHeader;
    this.#columns.disabled = false;
    this.#commas.ariaInvalid = 'false';
    this.#columns.replaceChildren(...columns.map(({ name }, index) => new Option(name, String(index))));
    this.#columns.value = column || String(likeliestColumn(this.#table));
    this.#choose();
  }

  #choose(): void {
    const { name, values, problems } = this.#table!.columns[Number(this.#columns.value)];
    const isSample = this.#text.value === this.#sample && name === SAMPLE_NAME;
    if (problems.length === 0)
      return this.onRead({ series: { name, values, emptyLines: this.#table!.emptyLines }, isSample, problem: '' });
    const more = problems.length - TOLD;
    const told = problems.slice(0, TOLD).join(' ') + (more > 0 ? ` And ${more} more like these.` : '');
    this.onRead({ isSample, problem: `${told} Mend them, or choose another column.` });
  }
}
