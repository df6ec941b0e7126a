import type { Program } from '../../process/process.ts';
import { curl } from '../../programs/curl/curl.ts';
import type { Image } from '../image.ts';
import { details } from './details.ts';
import { productpage } from './productpage.ts';
import { ratings } from './ratings.ts';
import { reviews } from './reviews.ts';

interface Service {
  name: string;
  userland: Image['userland'];
  command: readonly [string, ...string[]];
  program: Program;
}

/** Versions that need a database or the internet (`details-v2`, `ratings-v2`) are not simulated. */
const SERVICES: readonly Service[] = [
  {
    name: 'productpage-v1',
    userland: 'gnu',
    command: ['/usr/local/bin/python', 'productpage.py', '9080'],
    program: productpage,
  },
  { name: 'details-v1', userland: 'gnu', command: ['/usr/local/bin/ruby', 'details.rb', '9080'], program: details },
  { name: 'ratings-v1', userland: 'gnu', command: ['/usr/local/bin/node', 'ratings.js', '9080'], program: ratings },
  {
    name: 'reviews-v1',
    userland: 'gnu',
    command: ['/opt/ibm/wlp/bin/server', 'run', 'defaultServer'],
    program: reviews({ stars: null }),
  },
  {
    name: 'reviews-v2',
    userland: 'gnu',
    command: ['/opt/ibm/wlp/bin/server', 'run', 'defaultServer'],
    program: reviews({ stars: 'black' }),
  },
  {
    name: 'reviews-v3',
    userland: 'gnu',
    command: ['/opt/ibm/wlp/bin/server', 'run', 'defaultServer'],
    program: reviews({ stars: 'red' }),
  },
];

const REGISTRIES = ['istio', 'registry.istio.io/release', 'gcr.io/istio-release'];

export const bookinfoImages: readonly Image[] = SERVICES.map(({ name, userland, command, program }) => ({
  repositories: REGISTRIES.map((registry) => `${registry}/examples-bookinfo-${name}`),
  exposes: [9080],
  userland,
  command,
  workingDirectory: '/opt/microservices',
  // Istio's tasks send their first request from the container of the ratings.
  programs: { [command[0]]: program, ...(name === 'ratings-v1' ? { '/usr/bin/curl': curl } : {}) },
}));
