import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Relative addresses: the built page works from any folder of any site.
  base: './',
  build: { outDir: '../dist-demo', emptyOutDir: true, target: 'es2022' },
});
