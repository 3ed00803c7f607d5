import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Deno's own program, which its package brings for Linux on x64. */
export function denoProgram(): string | undefined {
  try {
    const { resolve } = createRequire(import.meta.url);
    const program = join(dirname(resolve('@deno/linux-x64-glibc/package.json')), 'deno');
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Variables with which Deno finds the Vulkan loader and the software GPU in the folder of the packaged Chrome. */
export function denoEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LD_LIBRARY_PATH: [home, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES ?? join(home, 'vk_swiftshader_icd.json'),
    DENO_WEBGPU_BACKEND: 'vulkan',
    DENO_NO_UPDATE_CHECK: '1',
  };
}
