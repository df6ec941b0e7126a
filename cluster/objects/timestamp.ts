/** RFC 3339 in seconds, as Kubernetes writes times. @param milliseconds since 1970 */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
