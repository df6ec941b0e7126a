/** As access logs write it: `21/Nov/2026:16:12:34 +0000`. */
export function logTime(time: Date): string {
  const [, day = '', month = '', year = ''] = /^\w+, (\d+) (\w+) (\d+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}
