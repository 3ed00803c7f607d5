/**
 * Makes a device refuse one buffer, with an error that is genuine. What it returns undoes that.
 *
 * @param isRefused whether it refuses a buffer with this label; the first one counts
 */
export function refuseBuffer(device: GPUDevice, isRefused: (label: string) => boolean): () => void {
  // Whoever counts buffers has given the device a method of its own.
  const own = Object.getOwnPropertyDescriptor(device, 'createBuffer');
  const create = device.createBuffer.bind(device);
  let isDone = false;
  device.createBuffer = (descriptor) => {
    if (isDone || !isRefused(descriptor.label ?? '')) return create(descriptor);
    isDone = true;
    return create({ ...descriptor, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
  };
  return () => {
    if (own) Object.defineProperty(device, 'createBuffer', own);
    else Reflect.deleteProperty(device, 'createBuffer');
  };
}
