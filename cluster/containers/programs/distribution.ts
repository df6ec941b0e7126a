import type { Image } from '../images/image.ts';
import type { Program } from '../process/process.ts';
import { notSimulated } from './not-simulated.ts';

/** What an image is made from: as it says, else what its small tools come from. */
export function distributionOf(image: Image): 'alpine' | 'debian' | 'none' {
  if (image.distribution !== undefined) return image.distribution;
  return image.userland === 'gnu' ? 'debian' : image.userland === 'busybox' ? 'alpine' : 'none';
}

const packages = notSimulated('There are no packages to install: what an image has is all there is.');

/** Its package manager by absolute path. */
export function packageManagers(image: Image): [string, Program][] {
  const paths = {
    alpine: ['/sbin/apk'],
    debian: ['/usr/bin/apt', '/usr/bin/apt-get', '/usr/bin/apt-cache', '/usr/bin/dpkg'],
    none: [],
  };
  return paths[distributionOf(image)].map((path) => [path, packages]);
}

/** Files that tell which one it is. */
export function releaseFiles(image: Image): Readonly<Record<string, string>> {
  switch (distributionOf(image)) {
    case 'alpine':
      return {
        '/etc/alpine-release': '3.20.3\n',
        '/etc/os-release':
          'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n',
      };
    case 'debian':
      return {
        '/etc/debian_version': '12.7\n',
        '/etc/os-release':
          'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n',
      };
    default:
      return {};
  }
}
