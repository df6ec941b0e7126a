/**
 * A line of klog, as `E1121 16:56:28.523553    4829 portforward.go:424] …`, in local time as Go has it.
 * @param now milliseconds since 1970.
 */
export function renderLog(level: 'E' | 'W', place: string, message: string, now: number): string {
  const date = new Date(now);
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const day = pad(date.getMonth() + 1) + pad(date.getDate());
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}000`;
  return `${level}${day} ${time} ${String(process.pid).padStart(7)} ${place}] ${message}\n`;
}
