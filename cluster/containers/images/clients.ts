import { curl } from '../programs/curl/curl.ts';
import type { Image } from './image.ts';

const CURL_USER = { uid: 100, name: 'curl_user', home: '/home/curl_user' };

/** Runs curl when the first argument is an option, else the arguments. */
const ENTRYPOINT = '#!/bin/sh\nset -e\nif [ "${1#-}" != "${1}" ]; then\n  set -- curl "$@"\nfi\nexec "$@"\n';

/** Images that people send requests from. */
export const clientImages: readonly Image[] = [
  {
    repositories: ['curlimages/curl', 'quay.io/curl/curl'],
    userland: 'busybox',
    user: CURL_USER,
    workingDirectory: CURL_USER.home,
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
    programs: { '/usr/bin/curl': curl },
    files: { '/entrypoint.sh': ENTRYPOINT },
  },
  {
    repositories: ['governmentpaas/curl-ssl', 'pstauffer/curl'],
    userland: 'busybox',
    command: ['/bin/sh'],
    programs: { '/usr/bin/curl': curl },
  },
  {
    repositories: ['radial/busyboxplus'],
    userland: 'busybox',
    distribution: 'none',
    command: ['/bin/sh'],
    programs: { '/usr/bin/curl': curl },
  },
  { repositories: ['busybox'], userland: 'busybox', distribution: 'none', command: ['sh'] },
  { repositories: ['alpine'], userland: 'busybox', command: ['/bin/sh'] },
  {
    repositories: ['appropriate/curl'],
    userland: 'busybox',
    entrypoint: ['/usr/bin/curl'],
    programs: { '/usr/bin/curl': curl },
  },
];
