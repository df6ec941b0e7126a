import { expect, test } from 'vitest';
import { deployment } from '../test-plane.ts';
import { serveCluster } from '../serve-cluster.ts';
import { connectSpdy } from './spdy/spdy-client.ts';

test('under STRICT a forwarded port reaches the application, a proxied request is reset by the sidecar', async () => {
  const served = await serveCluster();
  const meshed = { app: 'web', 'sidecar.istio.io/inject': 'true' };
  const template = {
    metadata: { labels: meshed },
    spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] },
  };
  served.cluster.apply([
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'default', namespace: 'default' },
      spec: { mtls: { mode: 'STRICT' } },
    },
    deployment('web', { template }),
  ] as never);
  const pod = () => served.cluster.list('pods', 'default')[0];
  const ready = () =>
    (pod()?.status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.find(
      ({ type }) => type === 'Ready',
    )?.status;
  await expect.poll(ready).toBe('True');
  const path = `/api/v1/namespaces/default/pods/${pod()?.metadata.name ?? ''}`;

  const client = await connectSpdy(served.url, `${path}/portforward`, 'portforward.k8s.io');
  client.open({ streamtype: 'error', port: '80', requestid: '0' });
  const data = client.open({ streamtype: 'data', port: '80', requestid: '0' });
  client.send(data, 'GET / HTTP/1.0\r\n\r\n');
  await expect.poll(() => client.text(data)).toContain('200 OK');
  const proxied = await served.request('GET', `${path}:80/proxy/`);

  expect(served.cluster.get('pods', 'default', pod()?.metadata.name ?? '')?.spec).toMatchObject({
    containers: expect.arrayContaining([expect.objectContaining({ name: 'main' })]) as unknown,
  });
  expect(proxied.status).toBe(503);
  expect(proxied.json.message).toMatch(
    /^error trying to reach service: read tcp .*->10\.244\.\d+\.\d+:80: read: connection reset by peer$/,
  );
});
