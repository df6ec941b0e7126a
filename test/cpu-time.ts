/**
 * @returns milliseconds of processor that this process has used since: on a busy machine the clock on the wall tells
 * more of the others.
 */
export function startCpuTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
