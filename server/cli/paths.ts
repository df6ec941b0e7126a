import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Where things lie, seen from the bundle `dist/server/main.js`. */
const dist = fileURLToPath(new URL('..', import.meta.url));

export const paths = {
  dist,
  client: join(dist, 'client'),
  kubectl: join(dist, 'commands', 'kubectl.cjs'),
  lessons: join(dist, '..', 'lessons'),
};
