import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../cluster/clock.ts';
import type { Connection } from '../../../cluster/network/connection.ts';
import { createNetwork, type Network, type PodNetwork } from '../../../cluster/network/network.ts';
import type { KubernetesObject } from '../../../cluster/objects/object.ts';
import { ObjectTable } from '../containers/test-cluster.ts';

/** Time that stands still until it is told to go on. */
class StepClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  step(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.callback();
  }
  get pending(): number {
    return this.#timers.length;
  }
}

let objects: ObjectTable;
let clock: StepClock;
let network: Network;
let dice: number[];

function pod(name: string, ip: string, namespace = 'default'): PodNetwork {
  const object: KubernetesObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
  return network.attach(object, ip);
}

function service(
  name: string,
  spec: Record<string, unknown>,
  endpoints: { ip: string; ready?: boolean; hostname?: string }[] = [],
  ports = [{ name: '', port: 8080 }],
  namespace = 'default',
): void {
  objects.put('services', { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
  objects.put('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace, labels: { 'kubernetes.io/service-name': name } },
    endpoints: endpoints.map(({ ip, ready = true, hostname }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname === undefined ? {} : { hostname }),
    })),
    ports,
  });
}

/** Answers with the address that the connection arrived at. */
function greet(connection: Connection): void {
  connection.end(`${connection.localAddress}:${connection.localPort}`);
}

/** The code of the error that connecting ends with, or what a {@link greet}er says. */
async function connect(from: PodNetwork, ip: string, port: number): Promise<string> {
  try {
    const connection = await from.connect({ ip, port });
    expect(connection.remote).toEqual({ ip, port });
    let greeting = '';
    for await (const chunk of connection as AsyncIterable<Buffer>) greeting += chunk.toString();
    return greeting;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

beforeEach(() => {
  objects = new ObjectTable();
  clock = new StepClock();
  dice = [0, 0];
  network = createNetwork({ objects, clock, randomBytes: () => Uint8Array.from(dice) });
});
afterEach(() => network.dispose());

describe('connecting', () => {
  test('reaches what a pod listens on', async () => {
    const [client, server] = [pod('client', '10.244.0.1'), pod('server', '10.244.0.2')];
    const accepted: Connection[] = [];
    server.listen(80, (connection) => {
      accepted.push(connection);
      greet(connection);
    });

    expect(await connect(client, '10.244.0.2', 80)).toBe('10.244.0.2:80');
    expect(accepted[0]?.remoteAddress).toBe('10.244.0.1');
  });

  test('is refused where nothing listens', async () => {
    const client = pod('client', '10.244.0.1');
    pod('server', '10.244.0.2');

    expect(await connect(client, '10.244.0.2', 81)).toBe('ECONNREFUSED');
    expect(await connect(client, '127.0.0.1', 81)).toBe('ECONNREFUSED');
  });

  test('waits 127 seconds for an address that nobody has', async () => {
    const result = connect(pod('client', '10.244.0.1'), '10.9.9.9', 80);

    clock.step(126_999);
    expect(clock.pending).toBe(1);
    clock.step(1);

    expect(await result).toBe('ETIMEDOUT');
  });

  test('stops waiting when it is told to, and leaves no timer', async () => {
    const abort = new AbortController();
    const result = pod('client', '10.244.0.1').connect({ ip: '10.9.9.9', port: 80 }, { signal: abort.signal });

    abort.abort();

    await expect(result).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(clock.pending).toBe(0);
  });

  test('through a service reaches a ready endpoint on its target port', async () => {
    const client = pod('client', '10.244.0.1');
    for (const ip of ['10.244.0.2', '10.244.0.3', '10.244.0.4']) pod(ip, ip).listen(8080, greet);
    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }, [
      { ip: '10.244.0.2', ready: false },
      { ip: '10.244.0.3' },
      { ip: '10.244.0.4' },
    ]);

    expect(await connect(client, '10.96.0.9', 80)).toBe('10.244.0.3:8080');
    dice = [0, 1];
    expect(await connect(client, '10.96.0.9', 80)).toBe('10.244.0.4:8080');
  });

  test('through a named port uses the endpoints of that name', async () => {
    const client = pod('client', '10.244.0.1');
    pod('server', '10.244.0.2').listen(9090, greet);
    const ports = [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9090 },
    ];
    service(
      'web',
      {
        clusterIP: '10.96.0.9',
        ports: [
          { name: 'http', port: 80 },
          { name: 'metrics', port: 81 },
        ],
      },
      [{ ip: '10.244.0.2' }],
      ports,
    );

    expect(await connect(client, '10.96.0.9', 81)).toBe('10.244.0.2:9090');
  });

  test('to a service without endpoints is refused', async () => {
    const client = pod('client', '10.244.0.1');
    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] });

    expect(await connect(client, '10.96.0.9', 80)).toBe('ECONNREFUSED');
  });

  test('to a port that the service has not goes nowhere', async () => {
    const client = pod('client', '10.244.0.1');
    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] });

    const result = connect(client, '10.96.0.9', 81);
    await Promise.resolve();
    clock.step(127_000);

    expect(await result).toBe('ETIMEDOUT');
  });

  test('follows a service as it changes', async () => {
    const client = pod('client', '10.244.0.1');
    pod('server', '10.244.0.2').listen(8080, greet);
    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] });
    expect(await connect(client, '10.96.0.9', 80)).toBe('ECONNREFUSED');

    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }, [{ ip: '10.244.0.2' }]);

    expect(await connect(client, '10.96.0.9', 80)).toBe('10.244.0.2:8080');
  });

  test('two programs cannot listen on one port', () => {
    const server = pod('server', '10.244.0.2');
    const close = server.listen(80, () => {});

    expect(() => server.listen(80, () => {})).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    close();
    expect(() => server.listen(80, () => {})).not.toThrow();
  });

  test('ends with the pod: its connections are reset and its address is free', async () => {
    const [client, server] = [pod('client', '10.244.0.1'), pod('server', '10.244.0.2')];
    server.listen(80, () => {});
    const connection = await client.connect({ ip: '10.244.0.2', port: 80 });
    const failed = new Promise<Error & { code?: string }>((resolve) => connection.on('error', resolve));

    server.dispose();

    expect((await failed).code).toBe('ECONNRESET');
    expect(network.at('10.244.0.2')).toBeUndefined();
  });
});

describe('names', () => {
  beforeEach(() => {
    service('web', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] }, [], [], 'shop');
    service(
      'db',
      { clusterIP: 'None', ports: [{ port: 5432 }] },
      [
        { ip: '10.244.0.7', hostname: 'db-0' },
        { ip: '10.244.0.8', hostname: 'db-1' },
        { ip: '10.244.0.9', ready: false },
      ],
      [],
      'shop',
    );
    service('alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }, [], [], 'shop');
    service('away', { type: 'ExternalName', externalName: 'example.org' }, [], [], 'shop');
  });

  test.each([
    ['web', 'shop', ['10.96.0.9']],
    ['web.shop', 'other', ['10.96.0.9']],
    ['web.shop.svc', 'other', ['10.96.0.9']],
    ['web.shop.svc.cluster.local', 'other', ['10.96.0.9']],
    ['web.shop.svc.cluster.local.', 'other', ['10.96.0.9']],
    ['WEB.Shop', 'other', ['10.96.0.9']],
    ['web', 'other', null],
    ['web.other', 'shop', null],
    ['nothing.shop', 'shop', null],
    ['pod.web.shop', 'shop', null],
    ['db', 'shop', ['10.244.0.7', '10.244.0.8']],
    ['db-1.db', 'shop', ['10.244.0.8']],
    ['db-2.db', 'shop', null],
    ['alias', 'shop', ['10.96.0.9']],
    ['away', 'shop', null],
    ['example.org', 'shop', null],
  ])('%s from namespace %s is %j', (name, namespace, expected) => {
    const client = pod('client', '10.244.0.1', namespace);

    expect(client.resolve(name)?.addresses ?? null).toEqual(expected);
  });

  test('say which full name answered', () => {
    expect(pod('client', '10.244.0.1', 'other').resolve('web.shop')?.name).toBe('web.shop.svc.cluster.local');
  });
});
