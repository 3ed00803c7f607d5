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

/** What to do where a browser has WebGPU and no adapter. */
export const NO_ADAPTER =
  'This Chrome offers no WebGPU adapter. Set LSTM_WEBGPU_ADAPTER=swiftshader to run on the software GPU inside Chrome, ' +
  'or PUPPETEER_EXECUTABLE_PATH to use another Chrome.';
