import { defineConfig } from 'vite';
import { minifyWgsl } from '../packaging/minify-wgsl.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [minifyWgsl()],
  // Relative addresses: the built page works from any folder of any site.
  base: './',
  build: { outDir: '../dist-demo', emptyOutDir: true, target: 'es2022' },
});
