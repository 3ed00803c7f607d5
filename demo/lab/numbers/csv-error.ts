/** A text that cannot be read as a table of numbers. The message says where, in words for people. */
export class CsvError extends Error {
  /** @param choosesCommas whether the reader can help by saying how commas are meant */
  constructor(
    message: string,
    readonly choosesCommas = false,
  ) {
    super(message);
  }
}
