import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock, TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let client: TestPod;
let shop: TestPod;

beforeAll(() => {
  cluster = new TestCluster(systemClock, [
    {
      image: 'example.com/shop/cart',
      user: 1000,
      env: { VERSION: 'v1' },
      ports: [{ port: 8080 }, { port: 9000, protocol: 'tcp' }],
      paths: {
        '/': { body: 'cart $(VERSION) costs $$5\n' },
        '/items': { headers: { 'Content-Type': 'application/json', 'X-Shop': 'yes' }, body: '[]' },
        '/slow': { delayMs: 60_000, body: 'late' },
        '/broken': { status: 503 },
        '/echo/*': { echo: true },
        '/echo/quiet/*': { status: 204 },
      },
    },
    { image: 'example.com/shop/cart:v2', env: { VERSION: 'v2' }, paths: { '/': { body: '$(VERSION)\n' } } },
    { image: 'tool', tools: 'debian', command: ['bash', '-c', 'echo ready as $(id -u); sleep infinity'] },
    { image: 'bare', tools: 'none' },
    { image: 'nginx', paths: { '/': { body: 'not the real one' } } },
  ]);
  client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
  shop = cluster.pod({ image: 'example.com/shop/cart:v1' });
  cluster.service('cart', { ports: [{ port: 80, targetPort: 8080 }], pods: [shop] });
});
afterAll(() => cluster.dispose());

test('answers by path, with the variables of the container', async () => {
  expect((await client.exec(['curl', '-s', 'http://cart/'])).stdout).toBe('cart v1 costs $5\n');
  expect((await client.exec(['curl', '-s', 'http://cart/?q=1'])).stdout).toBe('cart v1 costs $5\n');
});

test('answers with the status and headers that the author wrote', async () => {
  const { stdout } = await client.exec(['curl', '-si', 'http://cart/items']);

  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\nX-Shop: yes\r\n/);
  expect(stdout).toMatch(/\r\n\r\n\[\]$/);
  expect((await client.exec(['curl', '-s', '-w', '%{http_code}', 'http://cart/broken'])).stdout).toBe('503');
  expect((await client.exec(['curl', '-s', '-w', '%{http_code}', 'http://cart/nothing'])).stdout).toBe(
    '404 page not found\n404',
  );
});

test('waits as long as the author wrote', async () => {
  const { status } = await client.exec(['curl', '-s', '-m', '0.1', 'http://cart/slow']);

  expect(status).toBe(28);
});

test('gives the request back, and the longest path that fits decides', async () => {
  const { stdout } = await client.exec(['curl', '-s', '-d', 'a=1', '-H', 'X-Who: me', 'http://cart/echo/here']);

  expect(JSON.parse(stdout)).toMatchObject({
    method: 'POST',
    path: '/echo/here',
    headers: { 'x-who': 'me', host: 'cart' },
    body: 'a=1',
  });
  expect((await client.exec(['curl', '-s', '-w', '%{http_code}', 'http://cart/echo/quiet/x'])).stdout).toBe('204');
});

test('sends back what a TCP port gets', async () => {
  const { stdout } = await client.sh(`echo over there | nc ${shop.ip} 9000`);

  expect(stdout).toBe('over there\n');
});

test('writes each request to its log', async () => {
  await client.exec(['curl', '-s', `http://${shop.ip}:8080/items?page=2`]);

  expect(shop.containers.get('app')?.log.lines().at(-1)?.text).toBe(`${client.ip} GET /items?page=2 200`);
});

test('with a tag goes before the one without', async () => {
  const second = cluster.pod({ image: 'example.com/shop/cart:v2' });

  expect((await client.exec(['curl', '-s', `http://${second.ip}:8080/`])).stdout).toBe('v2\n');
});

test('has the user, tools and command of its description', async () => {
  expect((await shop.sh('id -u; ls /bin/busybox-is-not-a-file')).stdout).toBe('1000\n');
  const tool = cluster.pod({ image: 'tool:latest' });
  await new Promise<void>((resolve) => {
    const log = tool.containers.get('app')?.log;
    log?.follow(() => resolve());
    if (log?.lines().length) resolve();
  });
  expect(tool.containers.get('app')?.log.lines()[0]?.text).toBe('ready as 0');
  const bare = cluster.pod({ image: 'bare' });
  await expect(bare.sh('true')).rejects.toThrow('exec: "sh": executable file not found in $PATH');
});

test('goes before one of the catalogue with the same name', async () => {
  const web = cluster.pod({ image: 'docker.io/library/nginx:1.27' });

  expect((await client.exec(['curl', '-s', `http://${web.ip}:8080/`])).stdout).toBe('not the real one');
});
