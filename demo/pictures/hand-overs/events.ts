import { elementOf } from '../../drawing/shapes.ts';
import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { loadInto } from '../../page/load-into.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { whenNear } from '../../page/when-near.ts';
import { readBatching, writeBatching } from './address.ts';
import { BATCH_SIZES, type Batching, handOversOf, marksOf, nameOf, type Order, tally, toggled } from './data.ts';
import { GapKeys } from './gap-keys.ts';
import { legendEntries } from './legend.ts';
import { ALL_ROWS, picture } from './marks.ts';
import { callOf, countsOf, describe, happeningOf, maskOf, meaningOf, nextEpochOf, ruleOf } from './words.ts';

const FIRST: Batching = { batchSize: 3, order: 'in-order', seed: 1, resets: 0 };
const BY_HAND = 'by-hand';

/** Picture 3: which row goes on from which, and where a reset belongs. */
export function mountHandOvers(root: HTMLElement): void {
  const find = <E extends HTMLElement>(selector: string): E => root.querySelector<E>(selector)!;
  const room = find('.picture');
  const [happening, again] = [find('.happening'), find<HTMLButtonElement>('.again')];
  const hint = happening.textContent;
  const keys = new GapKeys(room);
  const table = new TableTwin('What each piece starts from');

  const sizes = new Choice<number>('Batch size', labels(BATCH_SIZES), (batchSize) => state.change({ batchSize }));
  const orders = new Choice<Order>(
    'Order',
    new Map([
      ['in-order', 'in order'],
      ['interleaved', 'interleaved'],
      ['shuffled', 'shuffled'],
    ]),
    (order) => state.change({ order }),
  );
  const resets = new Choice<string>(
    'Reset',
    new Map(['0', '1', '2', '3', '4', BY_HAND].map((id) => [id, ruleOf(id)])),
    (picked) => state.change({ resets: picked === BY_HAND ? marksOf(state.value) : Number(picked) }),
  );
  find('.controls').prepend(sizes.element, orders.element, again, resets.element);

  const draw = (batching: Batching): void => {
    const handOvers = handOversOf(batching);
    const counts = tally(handOvers);
    sizes.value = batching.batchSize;
    orders.value = batching.order;
    resets.value = typeof batching.resets === 'number' ? String(batching.resets) : BY_HAND;
    again.hidden = batching.order !== 'shuffled';
    const drawn = elementOf(picture(batching, room.clientWidth));
    drawn.role = 'group';
    drawn.ariaLabel = describe(batching, counts);
    keys.show(drawn);
    happening.textContent = hint;
    find('.counts').textContent = countsOf(counts);
    find('.meaning').textContent = meaningOf(counts);
    find('.next-epoch-text').textContent = nextEpochOf(batching, counts);
    find('.call code').textContent = callOf(batching);
    const mask = maskOf(batching);
    find('.mask').hidden = mask === undefined;
    find('.mask code').textContent = mask ?? '';
    table.show(() => ({
      columns: ['Piece', 'Batch', 'Row', 'What happens'],
      rows: handOvers.map((handOver) => [nameOf(handOver.to), handOver.batch, handOver.row, happeningOf(handOver)]),
    }));
  };
  const state = new PictureState('hand-overs', FIRST, { read: readBatching, write: writeBatching }, draw);

  const press = (gap: SVGElement): void => {
    const [batch, row] = gap.dataset.gap!.split('.').map(Number);
    const pressed = handOversOf(state.value).filter(
      (handOver) => handOver.batch === batch && (row === ALL_ROWS || handOver.row === row),
    );
    state.change({
      resets: toggled(
        state.value,
        pressed.map(({ index }) => index),
      ),
    });
    tell(room.querySelector(`[data-gap="${gap.dataset.gap}"]`));
  };
  const tell = (gap: Element | null | undefined): void => {
    if (gap) happening.textContent = gap.getAttribute('aria-label');
  };
  const gapOf = ({ target }: Event): SVGElement | null => (target as Element).closest<SVGElement>('.gap');
  room.addEventListener('click', (event) => {
    const gap = gapOf(event);
    if (gap) press(gap);
  });
  room.addEventListener('keydown', (event) => {
    const gap = gapOf(event);
    if (!gap || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    press(gap);
  });
  room.addEventListener('pointerover', (event) => tell(gapOf(event)));
  room.addEventListener('focusin', (event) => tell(gapOf(event)));
  again.addEventListener('click', () => state.change({ seed: state.value.seed + 1 }));
  find('.details').append(table.element);
  for (const { sample, text } of legendEntries()) {
    const item = document.createElement('li');
    item.append(elementOf(sample), text);
    find('.legend').append(item);
  }

  let width = room.clientWidth;
  new ResizeObserver(() => {
    if (room.clientWidth === width) return;
    width = room.clientWidth;
    draw(state.value);
  }).observe(room);
  const race = find('.race');
  whenNear(race, () => {
    const loading = loadInto(race, 'The race', () => import('../race/events.ts'));
    void loading.then(({ mountRace }) => mountRace(race));
  });
}

function labels(values: readonly number[]): Map<number, string> {
  return new Map(values.map((value) => [value, String(value)]));
}
