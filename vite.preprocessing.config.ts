import { defineConfig } from 'vite';

// The second entry point, lstm-webgpu/data: a module of its own, which shares no chunk with the library, so that each is one file.
export default defineConfig({
  build: {
    lib: { entry: 'src/preprocessing/index.ts', formats: ['es'], fileName: 'lstm-webgpu-data' },
    target: 'es2022',
    sourcemap: true,
    minify: false,
    emptyOutDir: false,
  },
});
