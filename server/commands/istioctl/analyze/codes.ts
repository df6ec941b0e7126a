/**
 * First and last minor release that tells of a finding, as far as it was not there from 1.4 on.
 * pkg/config/analysis/msg/messages.yaml of the releases.
 */
const RELEASES: Readonly<Record<string, readonly [since: number, until?: number]>> = {
  IST0104: [4, 20],
  IST0109: [5],
  IST0110: [5],
  IST0111: [5],
  IST0112: [5],
  IST0116: [6],
  IST0117: [6, 15],
  IST0118: [6],
  IST0123: [6],
  IST0127: [8],
  IST0128: [8],
  IST0129: [8],
  IST0130: [8],
  IST0131: [8],
  IST0132: [8],
  IST0135: [9],
  IST0137: [10],
  IST0138: [10],
  IST0140: [11],
  IST0144: [12],
  IST0145: [12],
  IST0149: [13],
  IST0150: [13],
  IST0160: [17],
  IST0161: [18],
  IST0162: [21],
  IST0173: [25],
  IST0174: [25],
};

export function isTold(code: string, minor: number): boolean {
  const [since = 0, until = Infinity] = RELEASES[code] ?? [];
  return minor >= since && minor <= until;
}
