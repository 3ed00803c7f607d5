import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';

/**
 * Makes the project's sources, shaders included, into modules: for the page that runs experiments, once the server
 * listens, and for this process, which Node alone could not give a shader.
 */
export function createProjectServer(): Promise<ViteDevServer> {
  return createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    appType: 'mpa',
    logLevel: 'error',
    // A file saved while an experiment runs must not disturb it.
    server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
}
