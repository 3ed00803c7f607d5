export type Row = readonly (string | number)[];

/** The contents of a table: its columns, and its rows, each of which begins with its own name. */
export interface TableContents {
  columns: Row;
  rows: readonly Row[];
}

/** The numbers of a picture as a table, for those who do not see the picture or want to copy it. It is filled when opened. */
export class TableTwin {
  readonly element = document.createElement('details');
  readonly #table = document.createElement('table');
  #contents?: () => TableContents;

  /**
   * @param caption what the table shows
   * @param name what opens it is called, where a picture has several tables
   */
  constructor(
    private readonly caption: string,
    name = 'As a table',
  ) {
    const summary = document.createElement('summary');
    summary.textContent = name;
    const scroll = document.createElement('div');
    scroll.className = 'scroll';
    scroll.tabIndex = 0;
    scroll.role = 'region';
    scroll.ariaLabel = caption;
    scroll.append(this.#table);
    this.element.className = 'table-twin';
    this.element.append(summary, scroll);
    this.element.addEventListener('toggle', () => this.#fill());
  }

  /** @param contents makes the table; called only while it is open */
  show(contents: () => TableContents): void {
    this.#contents = contents;
    this.#fill();
  }

  #fill(): void {
    if (!this.element.open || !this.#contents) return;
    fillTable(this.#table, this.#contents(), this.caption);
  }
}

/** Makes a table say this and nothing else. */
export function fillTable(table: HTMLTableElement, { columns, rows }: TableContents, caption: string): void {
  table.replaceChildren();
  table.createCaption().textContent = caption;
  const head = table.createTHead().insertRow();
  for (const column of columns) head.append(heading(column, 'col'));
  const body = table.createTBody();
  for (const [name, ...cells] of rows) {
    const row = body.insertRow();
    row.append(heading(name, 'row'));
    for (const cell of cells) row.insertCell().textContent = String(cell);
  }
}

function heading(text: string | number, scope: string): HTMLTableCellElement {
  const cell = document.createElement('th');
  cell.scope = scope;
  cell.textContent = String(text);
  return cell;
}
