import { defineConfig } from 'vite';

// The library: one ES module, its shaders inlined, nothing minified: whoever bundles it minifies it then.
export default defineConfig({
  build: {
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'lstm-webgpu' },
    target: 'es2022',
    sourcemap: true,
    minify: false,
  },
});
