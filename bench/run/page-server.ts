import { fileURLToPath } from 'node:url';
import { build, preview, type PreviewServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = fileURLToPath(new URL('../node_modules/.page', import.meta.url));

/** With these a page may share memory between threads, which the WebAssembly libraries want, and has finer clocks. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Bundles the page with all contenders and serves it. */
export async function servePage(): Promise<PreviewServer> {
  const shared = { configFile: false as const, root, logLevel: 'error' as const };
  await build({
    ...shared,
    publicDir: false,
    // The other libraries bring their WebAssembly beside their code, and not inside of it.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // TF.js starts threads from the source of one of its functions, which knows its neighbours by their names.
      minify: false,
      assetsInlineLimit: 0,
      rollupOptions: { input: `${root}page.html` },
    },
  });
  return preview({ ...shared, build: { outDir }, preview: { host: '127.0.0.1', port: 0, headers: ISOLATION } });
}
