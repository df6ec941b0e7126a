import type { Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { untilStopped } from './serve.ts';

/** Waits for SIGTERM or SIGINT and ends with 0, as the sandbox's own container does. */
const pause: Program = async (process) => {
  await untilStopped(process);
  return 0;
};

export const pauseImage: Image = {
  repositories: ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'pause', 'gcr.io/google_containers/pause'],
  userland: 'none',
  entrypoint: ['/pause'],
  programs: { '/pause': pause },
};
