import { create, globals } from 'webgpu';
import { createProjectServer } from '../../headless/server.ts';
import { report, runPart } from '../card/process.ts';
import type * as Compile from './compile.ts';

// The process that compiles: the driver behind Dawn is the one that its environment names.
Object.assign(globalThis, globals);

/** Dawn crashes once this is garbage-collected. */
const webgpu = create([]);

await runPart(async () => {
  const server = await createProjectServer();
  const { compileCases } = (await server.ssrLoadModule('/bench/compile/compile.ts')) as typeof Compile;
  await compileCases(webgpu, process.env.COMPILE_ONLY_LOG!, (line) => report({ ...line }));
});
