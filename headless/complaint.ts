/** An error that whoever runs the command can do something about: its message says what, and no stack is shown. */
export class Complaint extends Error {
  readonly exitCode: number = 1;
}

/** Ctrl-C. */
export class Interrupted extends Complaint {
  /** The one by which shells tell that a process ended after SIGINT: 128 + 2. */
  static readonly EXIT_CODE = 130;
  override readonly exitCode = Interrupted.EXIT_CODE;
}

/** The options are wrong; the message says what would be right. */
export class UsageError extends Complaint {
  override readonly exitCode = 2;
}

/** Tells what to do where a browser has WebGPU and no adapter. */
export const NO_ADAPTER =
  'This Chrome offers no WebGPU adapter. Set LSTM_WEBGPU_ADAPTER=swiftshader to run on the software GPU inside Chrome, ' +
  'or PUPPETEER_EXECUTABLE_PATH to use another Chrome.';
