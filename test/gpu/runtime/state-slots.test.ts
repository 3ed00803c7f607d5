import { describe, expect, test } from 'vitest';
import { ValueError } from '../../../src/runtime/errors.ts';
import { StateSlots } from '../../../src/runtime/state-slots.ts';
import { gpu } from '../gpu.ts';

const slotsOf = (capacity: number) =>
  new StateSlots(gpu, capacity, [
    { name: 'lstm/h', size: 3 },
    { name: 'lstm/c', size: 5 },
  ]);

const taken = (slots: StateSlots) => Array.from({ length: slots.capacity }, (_, slot) => slots.takeReset(slot));

describe('state slots', () => {
  test('have a tensor a state, zero at first, and no marks', async () => {
    const slots = slotsOf(4);
    expect(slots.tensors.map(({ shape }) => shape)).toEqual([
      [4, 3],
      [4, 5],
    ]);
    const contents = await Promise.all(slots.tensors.map((tensor) => tensor.read()));
    expect(contents.every((data) => data.every((value) => value === 0))).toBe(true);
    expect(taken(slots)).toEqual([false, false, false, false]);
  });

  test('are found by the name of the state', () => {
    const slots = slotsOf(4);
    expect(slots.get('lstm/c')?.binding).toEqual(slots.tensors[1].binding);
    expect(slots.get('lstm/c')?.binding).not.toEqual(slots.tensors[0].binding);
    expect(slots.get('gru/h')).toBeUndefined();
  });

  test('mark a range, and each mark is taken once', () => {
    const slots = slotsOf(4);
    slots.resetRange(1, 2);
    expect(taken(slots)).toEqual([false, true, true, false]);
    expect(taken(slots)).toEqual([false, false, false, false]);
  });

  test('mark single slots, counted from the first', () => {
    const slots = slotsOf(6);
    slots.reset('here', [0, 2, 2], 3, 3);
    expect(taken(slots)).toEqual([false, false, false, true, false, true]);
  });

  test.each([-1, 3, 1.5, NaN])('refuse slot %f, and then mark none', (wrong) => {
    const slots = slotsOf(6);
    const reset = () => slots.reset('model.resetStates', [0, wrong], 0, 3);
    expect(reset).toThrow(ValueError);
    expect(reset).toThrow(`model.resetStates: there is no slot ${wrong}. This model has slots 0 to 2`);
    expect(taken(slots)).toEqual(Array(6).fill(false));
  });
});
