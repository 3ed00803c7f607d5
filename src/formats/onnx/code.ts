export { readOnnx as read } from './read-graph.ts';
export { writeOnnx as write } from './write-graph.ts';
