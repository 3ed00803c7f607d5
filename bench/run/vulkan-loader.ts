import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian, Fedora and Arch keep the Vulkan loader. */
const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** The Vulkan loader of this machine, if it has one there or in one of `others`. */
export function vulkanLoader(...others: readonly string[]): string | undefined {
  return [...FOLDERS, ...others].map((folder) => join(folder, 'libvulkan.so.1')).find((path) => existsSync(path));
}
