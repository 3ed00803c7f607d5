import type { Loading } from '../../src/shaders/quads.ts';
import { gpu } from './gpu.ts';

/** A tile of the kernels of an LSTM: its rows, and who loads them. */
export interface Tile {
  tileRows: number;
  loading: Loading;
}

const alone: Tile[] = [1, 8].map((tileRows) => ({ tileRows, loading: 'alone' }));
const inQuads: Tile[] = [1, 8, 16, 32].map((tileRows) => ({ tileRows, loading: 'quads' }));

/** Every tile that this device can work with: quads need subgroups, which software adapters of Chrome have. */
export const tiles = gpu.device.features.has('subgroups') ? [...alone, ...inQuads] : alone;
