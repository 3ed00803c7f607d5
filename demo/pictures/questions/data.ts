/** The answer to a question, as it stands in the address. */
export type Answer = 'y' | 'n';

/** Which program to begin with. */
export type Kind = 'stateless' | 'stateful' | 'stream';

export interface Outcome {
  kind: Kind;
  because: string;
}

interface Question {
  text: string;
  hint: string;
  /** The answers that settle the matter. After any other the next question is asked. */
  settles: Partial<Record<Answer, Outcome>>;
}

/** The questions that tell which kind of model a reader needs. */
export const QUESTIONS: readonly Question[] = [
  {
    text: 'Does each sample hold all that its answer depends on?',
    hint: 'A whole review, a whole day of readings: what came before does not matter.',
    settles: {
      y: { kind: 'stateless', because: 'Nothing has to be remembered from one sample to the next.' },
    },
  },
  {
    text: 'Does one sample go on where another has ended?',
    hint: 'Pieces of one long recording do. Reviews by different people do not.',
    settles: {
      n: {
        kind: 'stateless',
        because:
          'The state of another sample would only be noise. Make samples longer, until each holds what it needs.',
      },
    },
  },
  {
    text: 'Do you know where each sequence begins?',
    hint: 'That is where the memory has to be cleared.',
    settles: {
      n: {
        kind: 'stateless',
        because:
          'Without resets the memory of one sequence lands in the next, and the network has to find out by itself, like ' +
          'the clock above. Longer samples are safer.',
      },
    },
  },
  {
    text: 'Will the numbers arrive one at a time, each wanting an answer at once?',
    hint: 'A sensor, a keyboard, a game.',
    settles: {
      y: { kind: 'stream', because: 'Train on pieces of recordings; then hand over the state from step to step.' },
      n: {
        kind: 'stateful',
        because: 'Pieces in the right order hand over their state, and each sequence begins anew.',
      },
    },
  },
];

/** The outcome, once the questions that matter are answered. */
export function outcomeOf(answers: readonly Answer[]): Outcome | undefined {
  return QUESTIONS[answers.length - 1]?.settles[answers[answers.length - 1]];
}

/** How many questions are to be seen: those that are answered, and the next one if it matters. */
export function questionsAsked(answers: readonly Answer[]): number {
  return answers.length + (outcomeOf(answers) ? 0 : 1);
}

/** The answers once one of them is given anew: those behind it may not matter any more. */
export function withAnswer(answers: readonly Answer[], question: number, answer: Answer): Answer[] {
  return [...answers.slice(0, question), answer];
}

/** The shapes of the reader's data. */
export interface Shapes {
  sequences: number;
  steps: number;
  features: number;
  batchSize: number;
}

export const FIELDS: readonly { name: keyof Shapes; label: string; least: number }[] = [
  { name: 'sequences', label: 'Sequences', least: 1 },
  { name: 'steps', label: 'Steps of each', least: 2 },
  { name: 'features', label: 'Numbers a step', least: 1 },
  { name: 'batchSize', label: 'Batch size', least: 1 },
];

export interface QuestionsState {
  answers: readonly Answer[];
  shapes: Shapes;
}

export const FIRST: QuestionsState = {
  answers: [],
  shapes: { sequences: 100, steps: 20, features: 1, batchSize: 4 },
};

/** The size from which on WebGPU need not offer a single buffer. */
const LARGEST_BYTES = 128 * 1024 ** 2;

/** The first thing that is wrong with the shapes, for people. */
export function problemOf(shapes: Shapes, kind: Kind): string | undefined {
  for (const { name, label, least } of FIELDS) {
    if (!Number.isInteger(shapes[name]) || shapes[name] < least) return `${label}: a whole number from ${least} on.`;
  }
  const { sequences, steps, features, batchSize } = shapes;
  if (4 * sequences * steps * features > LARGEST_BYTES) {
    return 'More than 128 MiB of numbers: too many for one buffer of the GPU. Give them in batches instead.';
  }
  if (kind !== 'stateless' && batchSize > sequences) {
    return (
      `Batch size: at most ${sequences}, one row for each sequence. With more rows the sequences would be cut ` +
      'into parts, each of which begins without a memory.'
    );
  }
  return undefined;
}

/** `nyn.100-20-1-4`: the answers, then the shapes, with 0 for an empty field. */
export const notation = {
  read(text: string): QuestionsState | undefined {
    const [, letters, numbers] = /^([yn]{0,4})\.(\d{1,7}(?:-\d{1,7}){3})$/.exec(text) ?? [];
    if (numbers === undefined) return undefined;
    const answers = letters.split('') as Answer[];
    if (answers.some((_, index) => index > 0 && outcomeOf(answers.slice(0, index)))) return undefined;
    const [sequences, steps, features, batchSize] = numbers.split('-').map(Number);
    return { answers, shapes: { sequences, steps, features, batchSize } };
  },
  write: ({ answers, shapes }: QuestionsState): string =>
    `${answers.join('')}.${FIELDS.map(({ name }) => shapes[name] || 0).join('-')}`,
};
