/** What a device holds, as far as it was created while watched. */
export interface LiveBuffers {
  count: number;
  bytes: number;
}

/**
 * Notes every buffer that a device creates and destroys from here on.
 *
 * @param counts which buffers are counted, by their labels; default: all
 */
export function watchBuffers(device: GPUDevice, counts: (label: string) => boolean = () => true) {
  const live = new Set<GPUBuffer>();
  let bytes = 0;
  let peak = 0;
  const own = Object.getOwnPropertyDescriptor(device, 'createBuffer');
  const create = device.createBuffer.bind(device);
  const forget = (buffer: GPUBuffer) => {
    if (live.delete(buffer)) bytes -= buffer.size;
  };
  // On the device itself and on each of its buffers: their classes are shared with other libraries.
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    if (!counts(descriptor.label ?? '')) return buffer;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      forget(buffer);
      return destroy();
    };
    live.add(buffer);
    bytes += buffer.size;
    peak = Math.max(peak, bytes);
    return buffer;
  };
  return {
    live: (): LiveBuffers => ({ count: live.size, bytes }),
    /** The most bytes at once so far. */
    peak: () => peak,
    /** Leaves the device as it was, so that whoever replaces the method of its class is heard again. */
    stop: () => {
      if (own) Object.defineProperty(device, 'createBuffer', own);
      else Reflect.deleteProperty(device, 'createBuffer');
    },
  };
}
