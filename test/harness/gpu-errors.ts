/** Devices that are neither destroyed nor lost. */
const devices = new Set<GPUDevice>();
let errors: string[] = [];
let isWatching = false;

/**
 * From here on, every device that this page creates is watched for errors that no error scope caught, and for its loss.
 * Test files that share a page each call it; the first call counts.
 */
export function watchEveryDevice(): void {
  if (isWatching) return;
  isWatching = true;
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its adapter below
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    watch(device);
    return device;
  };
}

function watch(device: GPUDevice): void {
  devices.add(device);
  device.addEventListener('uncapturederror', ({ error }) => {
    errors.push(`${error.constructor.name}: ${error.message}`);
  });
  void device.lost.then(({ reason, message }) => {
    devices.delete(device);
    if (reason !== 'destroyed') errors.push(`GPU device lost (${reason}): ${message}`);
  });
}

/**
 * Waits for the work submitted so far and hands over the errors it met, which then count as dealt with. A test that
 * provokes an error on purpose takes it from here; what nobody took fails the test.
 */
export async function takeGpuErrors(): Promise<string[]> {
  await Promise.all([...devices].map((device) => Promise.race([idle(device), device.lost])));
  const taken = errors;
  errors = [];
  return taken;
}

async function idle(device: GPUDevice): Promise<void> {
  await device.queue.onSubmittedWorkDone();
  // Errors arrive in order: once the answer of a scope opened now is here, those of all earlier calls are under way …
  device.pushErrorScope('validation');
  await device.popErrorScope();
  // … as events, and an event needs a turn of the page's loop.
  await new Promise((resolve) => setTimeout(resolve));
}
