// WebGPU's flags by their numbers in the standard. The global objects that hold them are missing in Node, where a device
// may come from a package that defines no globals.

export const BUFFER_USAGE = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;
export const MAP_READ = 0x1;
export const COMPUTE_STAGE = 0x4;
