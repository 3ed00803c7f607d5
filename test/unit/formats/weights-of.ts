import type { ModelContents } from '../../../src/formats/contents.ts';

/** Weights without their names, which are not part of a format. */
export const weightsOf = ({ weights }: Pick<ModelContents, 'weights'>) =>
  weights!.map(({ shape, data }) => ({ shape: [...shape], data: [...data] }));
