import type { Image } from './image.ts';

const CURL_USER = { uid: 100, name: 'curl_user', home: '/home/curl_user' };

/** Images that people send requests from. */
export const clientImages: readonly Image[] = [
  {
    repositories: ['curlimages/curl', 'quay.io/curl/curl'],
    userland: 'busybox',
    user: CURL_USER,
    workingDirectory: CURL_USER.home,
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
    files: {
      '/entrypoint.sh': '#!/bin/sh\nset -e\nif [ "${1#-}" != "${1}" ]; then\n  set -- curl "$@"\nfi\nexec "$@"\n',
    },
  },
  {
    repositories: ['governmentpaas/curl-ssl', 'pstauffer/curl', 'alpine', 'radial/busyboxplus', 'busybox'],
    userland: 'busybox',
    command: ['/bin/sh'],
  },
  {
    repositories: ['appropriate/curl'],
    userland: 'busybox',
    entrypoint: ['/usr/bin/curl'],
  },
];
