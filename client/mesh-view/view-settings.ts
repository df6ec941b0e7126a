import { MESH_WINDOWS } from '../../common/mesh.ts';
import { stored } from '../state/stored.ts';

/** The same facts as a picture, in rows, and over time. */
export const MESH_FACES = ['graph', 'table', 'dashboard'] as const;
export type MeshFace = (typeof MESH_FACES)[number];

export const meshFace = stored<MeshFace>(
  'mesh-face',
  'graph',
  (text) => MESH_FACES.find((face) => face === text) ?? null,
);

/** Seconds. */
export const meshWindow = stored<number>(
  'mesh-window',
  MESH_WINDOWS[0],
  (text) => MESH_WINDOWS.find((seconds) => String(seconds) === text) ?? null,
);

/** Whether workloads and edges without traffic are shown. */
export const showsIdle = stored('mesh-idle', true, (text) =>
  text === 'true' ? true : text === 'false' ? false : null,
);
