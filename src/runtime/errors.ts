/**
 * Every error this library throws on purpose. The message says where it happened, what was given, what was expected
 * and what to do next. It is thrown before anything on the GPU changed: weights and states are as they were.
 */
export class LstmWebGpuError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** WebGPU, an adapter or a feature is missing in this environment. */
export class UnsupportedError extends LstmWebGpuError {}

/** The GPU device is gone: it was destroyed, reset by the system, or its driver crashed. */
export class DeviceLostError extends LstmWebGpuError {}

/** A model or a device was used after its `dispose()`. */
export class DisposedError extends LstmWebGpuError {}

/** The model is in the middle of a run that the call would disturb. */
export class BusyError extends LstmWebGpuError {}

/** All slots of a model are taken by open streams. */
export class SlotsFullError extends LstmWebGpuError {}

/** A snapshot of a stream is damaged, or was made by a model with other layers or other weights. */
export class SnapshotError extends LstmWebGpuError {}

/** An array has the wrong shape or length. */
export class ShapeError extends LstmWebGpuError {}

/** An option or a number has a value that cannot be used. */
export class ValueError extends LstmWebGpuError {}

/** The work does not fit into the limits of this device. */
export class LimitError extends LstmWebGpuError {
  /** @param share the fraction of the requested work or memory that would fit */
  constructor(
    message: string,
    readonly share?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A compute shader did not compile or a GPU command was invalid: a fault of the library, with file, line and column. */
export class ShaderError extends LstmWebGpuError {}
