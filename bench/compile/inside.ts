import { create, globals } from 'webgpu';
import { createProjectServer } from '../../headless/server.ts';
import { report, runPart } from '../card/process.ts';
import type * as Compile from './compile.ts';

// The process that compiles: the driver behind Dawn is the one that its environment names.
await runPart(async () => {
  Object.assign(globalThis, globals);
  const server = await createProjectServer();
  const { compileCases } = (await server.ssrLoadModule('/bench/compile/compile.ts')) as typeof Compile;
  await compileCases(create([]), process.env.COMPILE_ONLY_LOG!, (line) => report({ ...line }));
});
