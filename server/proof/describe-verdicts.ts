import { MESSAGES } from '../../common/messages/index.ts';
import type { MeshVerdict } from '../../common/mesh.ts';

/** A failure in words for its author, and below it what the mesh refused or failed meanwhile. */
export function withVerdicts(failure: string, { verdicts = [] }: { verdicts?: readonly MeshVerdict[] }): string {
  const { why, mesh } = MESSAGES.en;
  const lines = verdicts.map((verdict) => {
    const { client, server, request } = verdict;
    const sentence = `${why.between(client, server, request?.host ?? null)} ${mesh.panel.verdict(verdict)}`;
    return `      ${sentence.replaceAll('`', '')}`;
  });
  return lines.length === 0 ? failure : `${failure}\nWhat the mesh decided:\n${lines.join('\n')}`;
}
