/** An error that whoever runs the command can do something about: its message says what, and no stack is shown. */
export class Complaint extends Error {
  readonly exitCode: number = 1;
}

/** Ctrl-C. */
export class Interrupted extends Complaint {
  override readonly exitCode = 130;
}

/** The options are wrong; the message says what would be right. */
export class UsageError extends Complaint {
  override readonly exitCode = 2;
}
