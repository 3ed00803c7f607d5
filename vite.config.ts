import { defineConfig } from 'vite';
import { fileBeside } from './packaging/file-beside.ts';
import { markPure } from './packaging/mark-pure.ts';
import { minifyWgsl } from './packaging/minify-wgsl.ts';
import { reportSizes } from './packaging/sizes.ts';

// The library: one ES module with its kernels in it. JavaScript is not minified, since whoever bundles the library does that.
export default defineConfig({
  plugins: [
    fileBeside('src/models/streams/resident-generator.ts', 'lstm-webgpu-generator.js'),
    minifyWgsl(),
    markPure(),
    reportSizes(),
  ],
  build: {
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'lstm-webgpu' },
    target: 'es2022',
    sourcemap: true,
    minify: false,
  },
});
