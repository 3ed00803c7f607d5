import { TuningCache, type TuningCacheOptions } from './autotune/tuning-cache.ts';
import { tuningOptions, TUNINGS, type Tuning } from './autotune/tuning-options.ts';
import { adapterClass, adapterName, type AdapterClass } from './adapter.ts';
import { deviceDescriptor } from './device-request.ts';
import {
  DeviceLostError,
  DisposedError,
  LimitError,
  ShaderError,
  UnsupportedError,
  ValueError,
  type LstmWebGpuError,
} from './errors.ts';
import { inTime } from './in-time.ts';
import { isNode, nodeGpu } from './node-gpu.ts';
import { Nudge } from './nudge.ts';
import { knownOptions, oneOf, show } from './options.ts';
import { PipelineCache } from './pipeline-cache.ts';
import { Readback } from './readback.ts';
import { RecentlyUsed } from './recently-used.ts';

export interface GpuOptions {
  /** A device of the caller's, which stays the caller's: `dispose` does not destroy it. By default a device is requested. */
  device?: GPUDevice;
  /** Which adapter to prefer where there are two. Default: `'high-performance'`. */
  powerPreference?: GPUPowerPreference;
  /**
   * Autotuning: where several kernels do the same work, `fit`, `evaluate` and `predict` time the candidates when they first
   * meet it, for at most about three seconds a piece of work plus compilation, and go on with the fastest. `'remembered'`:
   * once for each adapter; results are kept in IndexedDB, by Node in `~/.cache/lstm-webgpu`, and by Deno there if it was
   * granted the permissions for it. `'session'`: anew for each GPU. `'off'`: never; a rule chooses by shape. Default:
   * `'remembered'` on a GPU, and `'off'` on a software adapter, where compiling the candidates takes longer than the best of
   * them would soon bring back.
   */
  tuning?: Tuning;
}

/** A WebGPU device with what models on it share: compiled kernels, and staging buffers for readback. */
export class Gpu {
  /** The adapter's name as its driver gives it, to be shown or logged: `'vendor architecture'`, or in Deno its description. */
  readonly adapterName: string;
  /** Settles when the device is lost, with the reason. */
  readonly lost: Promise<GPUDeviceLostInfo>;
  /** @internal */ readonly adapterClass: AdapterClass;
  /** Whether the adapter runs kernels on the CPU instead of a GPU. @internal */ readonly isSoftware: boolean;
  /** @internal */ readonly pipelines: PipelineCache;
  /** @internal */ readonly readback: Readback;
  /** A cache of GPU memory that all models share, such as programs for recent batch sizes. @internal */
  readonly recentlyUsed: RecentlyUsed;
  /** @internal */ readonly tuningCache: TuningCache;
  /** Whether `requestGpu` made the device. */
  readonly #isOwner: boolean;
  readonly #nudge: Nudge;
  #lossMessage?: string;
  /** The message of an error that the device reported outside of any call; the next call throws it, once. */
  #fault?: string;
  #disposed = false;
  readonly #endListeners = new Set<() => void>();

  /** @internal Use `requestGpu`. */
  constructor(
    readonly device: GPUDevice,
    owned: boolean,
    tuning: TuningCacheOptions,
  ) {
    this.#isOwner = owned;
    // Older versions of Deno have no `adapterInfo`.
    const info = device.adapterInfo ?? {};
    this.adapterName = adapterName(info);
    this.adapterClass = adapterClass(info);
    this.isSoftware = this.adapterClass === 'software';
    this.tuningCache = new TuningCache(tuning);
    this.pipelines = new PipelineCache(device, (cause) => this.#lostError('compiling', cause));
    this.recentlyUsed = new RecentlyUsed(device.limits);
    this.#nudge = new Nudge(device);
    this.readback = new Readback(
      device,
      this.#nudge,
      (what, act) => this.watch(what, act),
      async (cause) =>
        (await this.#lostError('readback', cause)) ??
        new ShaderError(`readback: the result could not be read: ${String(cause)}`, { cause }),
    );
    this.lost = device.lost;
    void device.lost.then((info) => {
      this.#lossMessage = info.message || `reason "${info.reason}"`;
      this.#tellEnd();
    });
    if (owned) {
      device.addEventListener('uncapturederror', ({ error }) => {
        this.#fault ??= error.message;
      });
    }
  }

  /** Whether the device has half precision (`shader-f16`), which models with `precision: 'mixedFloat16'` need. */
  get hasFloat16(): boolean {
    return this.device.features.has('shader-f16');
  }

  /**
   * Calls `listener` when the device is lost or this GPU is disposed: `assertAlive` throws from then on.
   *
   * @returns a function that removes the listener
   * @internal
   */
  onEnd(listener: () => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  /** @internal @throws DisposedError, DeviceLostError */
  assertAlive(where: string): void {
    if (this.isOver) throw this.endError(where);
  }

  /** Whether it was disposed or the device is lost. @internal */
  get isOver(): boolean {
    return this.#disposed || this.#lossMessage !== undefined;
  }

  /**
   * @internal
   * @throws DisposedError, DeviceLostError, or, once, ShaderError if the device refused a command that no call waits for
   */
  assertUsable(where: string): void {
    this.assertAlive(where);
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) {
      throw new ShaderError(
        `${where}: the GPU refused an earlier command, whose results cannot be trusted: ${fault}. This is told once; ` +
          `call again to go on.`,
      );
    }
  }

  /**
   * Runs `act` inside error scopes, so that an error of its commands becomes a rejection here, and on a caller's device does
   * not reach the caller's handler of uncaptured errors.
   *
   * @param what names the work in an error message
   * @param act is called with the promise `accepted`
   * @returns `accepted` settles when the device has validated all commands. It rejects with a LimitError if there was no
   * memory, or with a ShaderError if one was invalid, and need not be awaited
   * @internal
   */
  watch<T>(what: string, act: (accepted: Promise<void>) => T): { result: T; accepted: Promise<void> } {
    const { device } = this;
    let settle!: (accepted: Promise<void>) => void;
    const accepted = new Promise<void>((resolve) => {
      settle = resolve;
    });
    accepted.catch(() => {});
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    try {
      return { result: act(accepted), accepted };
    } finally {
      // The error scopes of a lost device tell nothing; what waits for its results fails with DeviceLostError.
      const popped = [device.popErrorScope(), device.popErrorScope()].map((error) => error.catch(() => null));
      settle(
        Promise.all(popped).then(([invalid, memory]) => {
          // Without its memory other commands are invalid too, so this comes first.
          if (memory) throw outOfMemory(what, memory);
          if (invalid) throw new ShaderError(`${what}: the GPU refused a command: ${invalid.message}`);
        }),
      );
    }
  }

  /** Records a compute pass and the commands after it, and submits both at once. @internal */
  submit(
    label: string,
    record: (pass: GPUComputePassEncoder) => void,
    after: (encoder: GPUCommandEncoder) => void = () => {},
  ): void {
    this.submitCommands(label, (encoder) => {
      recordPass(encoder, label, record);
      after(encoder);
    });
  }

  /** Records commands and submits them at once. @internal */
  submitCommands(label: string, record: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.device.createCommandEncoder({ label });
    record(encoder);
    this.device.queue.submit([encoder.finish()]);
  }

  /** Settles when everything submitted so far is done. @internal */
  settled(): Promise<void> {
    return this.#nudge.until(this.device.queue.onSubmittedWorkDone());
  }

  /**
   * Ends the use of this GPU: every model on it throws DisposedError from now on. If `requestGpu` made the device, it is
   * destroyed with all memory; on a device of the caller's the models keep theirs until they are disposed.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#tellEnd();
    this.readback.dispose();
    if (this.#isOwner) this.device.destroy();
  }

  #tellEnd(): void {
    for (const listener of this.#endListeners) listener();
  }

  /** The error of work that failed since the device was lost or disposed; nothing if it failed for another reason. */
  async #lostError(where: string, cause: unknown): Promise<LstmWebGpuError | undefined> {
    // Work may fail a moment before the runtime tells that the device is lost.
    if (!this.#disposed) await inTime(this.lost, LOST_NOTICE_MS);
    return this.isOver ? this.endError(where, cause) : undefined;
  }

  /** The error for a GPU that was disposed or lost. @internal */
  endError(where: string, cause?: unknown): LstmWebGpuError {
    if (this.#disposed) return new DisposedError(`${where}: this GPU was disposed. Request another with requestGpu().`);
    const reason = this.#lossMessage ?? 'no reason given';
    return new DeviceLostError(
      `${where}: the GPU device was lost (${reason}). Request a new one with requestGpu(), build the model again and ` +
        `give it the weights you last saved with setWeights().`,
      { cause },
    );
  }
}

const NO_WEBGPU =
  'this environment has no WebGPU (navigator.gpu is missing). Use a current Chrome, Edge, Firefox or Safari, open the page ' +
  'over https or from localhost, start Deno with --unstable-webgpu, or pass your own device: requestGpu({ device }).';
const NO_PACKAGE =
  'Node has no WebGPU of its own. Install the package that brings it, npm install webgpu, or pass your own device: ' +
  'requestGpu({ device }).';
const NO_ADAPTER =
  'WebGPU is here, but no adapter is. Turn on hardware acceleration in the browser settings; on Linux start Chrome with ' +
  '--enable-unsafe-webgpu, and without a GPU with --use-webgpu-adapter=swiftshader.';
const NO_ADAPTER_IN_NODE =
  'the package webgpu is here, but finds no adapter. On Linux it needs libvulkan.so.1 (Debian: apt-get install libvulkan1) ' +
  "and the GPU's Vulkan driver, in a version that supports all that WebGPU needs. Without a GPU, name a software driver " +
  "such as SwiftShader's in VK_ICD_FILENAMES.";

/**
 * Opens the GPU. A device made here gets the adapter's own limits for buffer sizes, so that large data sets fit, and on a
 * GPU those for workgroups, so that larger models train inside one; and where the adapter has them, half precision and
 * subgroups (`shader-f16`, `subgroups`), with which some kernels are faster, and a clock for tuning (`timestamp-query`).
 * A device of the caller's gains from the same. All works within WebGPU's default limits too.
 *
 * In Node and Bun WebGPU comes from the npm package `webgpu`, if it is installed.
 *
 * @throws UnsupportedError where WebGPU or a GPU adapter is missing; the message says which and what to do.
 * @throws ValueError if an option has a wrong value or is not known
 */
export async function requestGpu(options: GpuOptions = {}): Promise<Gpu> {
  knownOptions('requestGpu', options, ['device', 'powerPreference', 'tuning']);
  const { device: given, powerPreference = 'high-performance' } = options;
  oneOf('requestGpu', 'powerPreference', powerPreference, ['high-performance', 'low-power']);
  const tuning = options.tuning === undefined ? undefined : oneOf('requestGpu', 'tuning', options.tuning, TUNINGS);
  if (given !== undefined && !isDevice(given)) {
    throw new ValueError(`requestGpu: device is ${show(given)}, expected a GPUDevice: await adapter.requestDevice().`);
  }
  if (given) {
    const { maxStorageBuffersPerShaderStage: buffers } = given.limits;
    if (buffers < STORAGE_BUFFERS) {
      throw new UnsupportedError(
        `requestGpu: device has ${buffers} storage buffers a shader stage (maxStorageBuffersPerShaderStage), expected ` +
          `${STORAGE_BUFFERS}, WebGPU's default. Request it with requiredLimits: ` +
          `{ maxStorageBuffersPerShaderStage: ${STORAGE_BUFFERS} }.`,
      );
    }
    return new Gpu(given, false, await tuningOptions(given, given.limits, tuning));
  }
  const webgpu = (typeof navigator === 'undefined' ? undefined : navigator.gpu) ?? nodeGpu();
  if (!webgpu) throw new UnsupportedError(`requestGpu: ${isNode() ? NO_PACKAGE : NO_WEBGPU}`);
  const adapter = await webgpu.requestAdapter({ powerPreference });
  if (!adapter) throw new UnsupportedError(`requestGpu: ${isNode() ? NO_ADAPTER_IN_NODE : NO_ADAPTER}`);
  const device = await adapter.requestDevice(deviceDescriptor(adapter));
  return new Gpu(device, true, await tuningOptions(device, adapter.limits, tuning));
}

/** Records a compute pass. */
export function recordPass(
  encoder: GPUCommandEncoder,
  label: string,
  record: (pass: GPUComputePassEncoder) => void,
): void {
  const pass = encoder.beginComputePass({ label });
  record(pass);
  pass.end();
}

function outOfMemory(what: string, { message }: GPUError): LimitError {
  return new LimitError(
    `${what}: the device has no memory left for it: ${message || 'no reason given'}. Dispose models that are not needed, ` +
      `or give smaller batches, shorter sequences or fewer samples.`,
  );
}

/** The number of storage buffers that the largest kernels bind. */
const STORAGE_BUFFERS = 8;

/** The longest wait, after work has failed, for the runtime to tell that the device is lost. */
const LOST_NOTICE_MS = 250;

/** Recognizes a device by its members, since `instanceof GPUDevice` fails for devices of packages for Node. */
function isDevice(value: unknown): value is GPUDevice {
  const { createBuffer, queue, lost, limits } = (value ?? {}) as Partial<GPUDevice>;
  return typeof createBuffer === 'function' && Boolean(queue && lost && limits);
}
