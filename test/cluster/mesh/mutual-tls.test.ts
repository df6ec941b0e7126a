import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthority, type Authority } from '../../../cluster/mesh/authority.ts';
import { MutualTls, PeerRejected } from '../../../cluster/mesh/mutual-tls.ts';
import { Connection } from '../../../cluster/network/connection.ts';

/** Whom proxies believe, over real handshakes. */

const DAY_MS = 24 * 3_600_000;
const clock = { now: () => Date.now(), schedule: () => () => {} };

function authority(): Authority {
  return createAuthority({ clock, randomBytes: (length) => randomBytes(length) });
}

/** One workload's TLS. @param offset of its own clock, in milliseconds */
function workload(by: Authority, serviceAccount: string, offset = 0): MutualTls {
  return new MutualTls(by, { ...clock, now: () => Date.now() + offset }, { namespace: 'shop', serviceAccount });
}

/** What both sides made of a handshake: whom they met, or the name of the error. */
async function meet(
  client: MutualTls,
  server: MutualTls,
  expectedUris: readonly string[] | null = null,
): Promise<[client: string, server: string]> {
  const [near, far] = Connection.pair({ ip: '10.0.0.1', port: 1 }, { ip: '10.0.0.2', port: 2 });
  near.on('error', () => {});
  far.on('error', () => {});
  const outcome = (side: Promise<{ peer: { uri: string } }>): Promise<string> =>
    side.then(
      ({ peer }) => peer.uri,
      (error: Error) => (error instanceof PeerRejected ? error.message : error.name),
    );
  const both = await Promise.all([
    outcome(client.connect(near, { serverName: 'x', alpn: ['istio'], expectedUris })),
    outcome(server.accept(far)),
  ]);
  near.destroy();
  far.destroy();
  return both;
}

const uri = (serviceAccount: string): string => `spiffe://cluster.local/ns/shop/sa/${serviceAccount}`;

describe('two workloads of a mesh', () => {
  test('know each other by name', async () => {
    const mesh = authority();

    expect(await meet(workload(mesh, 'ann'), workload(mesh, 'bob'))).toEqual([uri('bob'), uri('ann')]);
    expect(await meet(workload(mesh, 'ann'), workload(mesh, 'bob'), [uri('bob')])).toEqual([uri('bob'), uri('ann')]);
  });

  test('are told apart: a client wants whom it asked for', async () => {
    const mesh = authority();

    expect((await meet(workload(mesh, 'ann'), workload(mesh, 'eve'), [uri('bob')]))[0]).toBe(
      `certificate is for ${uri('eve')}, not for ${uri('bob')}`,
    );
  });

  test('do not believe each other once their certificates have expired', async () => {
    const mesh = authority();
    const [client, server] = [workload(mesh, 'ann', 2 * DAY_MS), workload(mesh, 'bob')];

    // The client's clock is two days ahead, which is too late for the server's certificate.
    expect((await meet(client, server))[0]).toBe('certificate has expired');
  });
});

describe('a stranger', () => {
  const FOREIGN = 'certificate is not signed by the root of the mesh';

  test('is no server to a workload, the first time and later', async () => {
    const client = workload(authority(), 'ann');
    const stranger = workload(authority(), 'bob');

    expect((await meet(client, stranger))[0]).toBe(FOREIGN);
    expect((await meet(client, stranger))[0]).toBe(FOREIGN);
  });

  test('is no client to a workload, the first time and later', async () => {
    const server = workload(authority(), 'bob');
    const stranger = workload(authority(), 'ann');

    expect((await meet(stranger, server))[1]).toBe(FOREIGN);
    expect((await meet(stranger, server))[1]).toBe(FOREIGN);
  });
});
