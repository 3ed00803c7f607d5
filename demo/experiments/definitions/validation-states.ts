import type { Experiment } from '../experiment.ts';

export const validationStates: Experiment = {
  id: 'validation-states',
  title: 'Validation leaves the states alone',
  description:
    'The same stateful network is trained twice, with validation data and without, on a small part of the windows. ' +
    'Validation runs in states of its own, so both trainings must agree to the bit.',
  post: { text: 'callbacks not properly called' },
  variants: [{ id: null, title: '', bound: { text: 'the same weights and states, to the bit' } }],
  defaultEpochs: 3,
  finding: () => 'With validation and without: the same weights and states, to the bit.',
};
