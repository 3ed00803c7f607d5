import { defineConfig } from 'vite';
import { minifyWgsl } from './packaging/minify-wgsl.ts';

// What the library loads when a model generates steps for the first time. It is a module of its own, which shares no chunk with
// the library, so that this is one file, and that what it exports is public.
export default defineConfig({
  plugins: [minifyWgsl()],
  build: {
    lib: { entry: 'src/models/streams/resident-generator.ts', formats: ['es'], fileName: 'lstm-webgpu-generator' },
    target: 'es2022',
    sourcemap: true,
    minify: false,
    emptyOutDir: false,
  },
});
