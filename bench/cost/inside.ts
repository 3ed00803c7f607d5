import { create, globals } from 'webgpu';
import { createProjectServer } from '../../headless/server.ts';
import { report, runPart } from '../card/process.ts';
import type * as Count from './count.ts';

// The process that replays: the driver behind Dawn is the one that its environment names.
Object.assign(globalThis, globals);

/** Dawn crashes once this is garbage-collected. */
const webgpu = create([]);

await runPart(async () => {
  const server = await createProjectServer();
  const { countRequests } = (await server.ssrLoadModule('/bench/cost/count.ts')) as typeof Count;
  await countRequests(webgpu, (line) => report({ ...line }));
});
