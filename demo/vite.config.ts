import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { minifyWgsl } from '../packaging/minify-wgsl.ts';

/** The first picture is made by a script. Nothing is painted before that, so that nothing moves when it comes. */
const paintWithPictures: Plugin = {
  name: 'paint-with-pictures',
  transformIndexHtml: {
    order: 'post',
    handler: (page) => page.replace('<script type="module"', '$& blocking="render"'),
  },
};

/** The code that the story needs before it is painted, and other pages too: in one file, since several compress worse. */
const NEEDED_FIRST = new RegExp(
  [
    'demo/(drawing/(heat-map|html|theme)|experiments/(words|data/random))\\.ts',
    'demo/page/(address|choice|load-into|motion|table-twin|webgpu)\\.ts',
    'preload-helper',
  ].join('|'),
);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [paintWithPictures],
  // The library and its kernels are in the worker, which is built by itself.
  worker: { format: 'es', plugins: () => [minifyWgsl()] },
  // Relative addresses: the built page works from any folder of any site.
  base: './',
  build: {
    outDir: '../dist-demo',
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: ['index.html', 'lab.html', 'voice.html'].map((page) => join(import.meta.dirname, page)),
      output: { codeSplitting: { groups: [{ name: 'page', test: NEEDED_FIRST }] } },
    },
    // Data addresses and inline code would break under the content security policy default-src 'self'.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});
