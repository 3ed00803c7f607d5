// Lets TypeScript follow `import source from './name.wgsl?raw'`.
declare module '*.wgsl?raw' {
  const source: string;
  export default source;
}
