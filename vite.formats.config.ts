import { defineConfig } from 'vite';
import { fileBeside } from './packaging/file-beside.ts';

/** Loaded when a format needs them, and installed by whoever uses it. */
const OPTIONAL_PACKAGES = ['fflate', 'h5wasm', 'pbf'];

// The third entry point, lstm-webgpu/formats: one module, and one beside it for each format, which is loaded when it is met.
export default defineConfig({
  plugins: [fileBeside('src/index.ts', 'lstm-webgpu.js')],
  build: {
    lib: { entry: 'src/formats/index.ts', formats: ['es'], fileName: 'lstm-webgpu-formats' },
    rollupOptions: {
      external: OPTIONAL_PACKAGES,
      output: { chunkFileNames: 'lstm-webgpu-formats-[name].js' },
    },
    target: 'es2022',
    sourcemap: true,
    minify: false,
    emptyOutDir: false,
  },
});
