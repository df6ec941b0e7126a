import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollFor } from '../poll-for.ts';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let client: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

/** An nginx whose conf.d is a ConfigMap. */
async function withConfiguration(text: string): Promise<TestPod> {
  const name = `conf-${cluster.objects.list('configmaps').length}`;
  const put = (data: string): void =>
    cluster.objects.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      data: { 'site.conf': data },
    });
  put(text);
  const pod = cluster.pod({
    image: 'nginx:1.27',
    container: { volumeMounts: [{ name: 'conf', mountPath: '/etc/nginx/conf.d' }] },
    spec: { volumes: [{ name: 'conf', configMap: { name } }] },
  });
  await started(pod);
  return pod;
}

async function started(pod: TestPod): Promise<void> {
  await pollFor('the worker', () => logOf(pod).some((line) => /start worker process \d+|\[emerg\]/.test(line)));
}

function logOf(pod: TestPod): string[] {
  return (
    pod.containers
      .get('app')
      ?.log.lines()
      .map(({ text }) => text) ?? []
  );
}

const get = async (url: string, ...args: string[]): Promise<string> =>
  (await client.exec(['curl', '-s', ...args, url])).stdout;

test('says at start what the image’s entrypoint and nginx say', async () => {
  const pod = cluster.pod({ image: 'nginx' });
  await started(pod);

  const lines = logOf(pod).map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, ''));
  expect(lines.slice(0, 2)).toEqual([
    '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
    '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/',
  ]);
  expect(lines.slice(-8)).toEqual([
    '/docker-entrypoint.sh: Configuration complete; ready for start up',
    '[notice] 1#1: using the "epoll" event method',
    '[notice] 1#1: nginx/1.27.3',
    '[notice] 1#1: built by gcc 12.2.0 (Debian 12.2.0-14) ',
    '[notice] 1#1: OS: Linux 6.1.0',
    '[notice] 1#1: getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    '[notice] 1#1: start worker processes',
    '[notice] 1#1: start worker process 29',
  ]);
});

test('serves its welcome page and logs who asked', async () => {
  const pod = cluster.pod({ image: 'nginx' });
  await started(pod);

  expect(await get(`http://${pod.ip}/`)).toContain('<h1>Welcome to nginx!</h1>');
  expect(await get(`http://${pod.ip}/missing`)).toContain('<center><h1>404 Not Found</h1></center>');
  const log = logOf(pod).slice(-3);
  expect(log[0]).toMatch(/^10\.244\.0\.1 - - \[.*\] "GET \/ HTTP\/1\.1" 200 615 "-" "curl\/.*" "-"$/);
  expect(log[1]).toMatch(/\[error\] 29#29: \*1 open\(\) "\/usr\/share\/nginx\/html\/missing" failed \(2: No such file/);
  expect(log[2]).toMatch(/"GET \/missing HTTP\/1\.1" 404 153 /);
});

test('has a version, and a configuration that it calls sound', async () => {
  const pod = cluster.pod({ image: 'nginx' });

  expect((await pod.exec(['nginx', '-v'])).stderr).toBe('nginx version: nginx/1.27.3\n');
  expect((await pod.exec(['nginx', '-t'])).stderr).toBe(
    'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
  );
});

test('listens, returns, adds headers and serves folders as a ConfigMap says', async () => {
  const pod = await withConfiguration(`
    server {
      listen 8080 default_server;
      server_name shop.example.com;
      default_type text/plain;
      add_header X-Served-By $hostname;
      location = /healthz { return 200 "ok\\n"; }
      location /old { return 301 http://shop.example.com/new; }
      location /gone { return 410; }
      location /docs/ { alias /usr/share/nginx/html/; }
      location / { root /usr/share/nginx/html; try_files $uri =404; }
    }
    server { listen 8080; server_name other.example.com; return 200 "other $host $arg_q"; }
  `);
  const base = `http://${pod.ip}:8080`;

  expect(await get(`${base}/healthz`, '-i')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*X-Served-By: pod-\d+\r\n\r\nok\n$/);
  expect(await get(`${base}/old/x`, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}')).toBe(
    '301 http://shop.example.com/new',
  );
  expect(await get(`${base}/gone`, '-w', '%{http_code}')).toBe('410');
  expect(await get(`${base}/docs/index.html`)).toContain('Welcome to nginx!');
  expect(await get(`${base}/nothing`, '-o', '/dev/null', '-w', '%{http_code}')).toBe('404');
  expect(await get(`${base}/?q=7`, '-H', 'Host: other.example.com:8080')).toBe('other other.example.com 7');
  expect((await client.exec(['curl', '-s', `http://${pod.ip}/`])).status).toBe(7);
});

test('passes requests on, and answers 502 when nobody listens there', async () => {
  const backend = await withConfiguration(
    'server { listen 80; return 200 "$request_method $request_uri $host $http_x_real_ip"; }',
  );
  const front = await withConfiguration(`server {
    listen 80;
    location /api/ { proxy_pass http://${backend.ip}/v1/; proxy_set_header X-Real-IP $remote_addr; }
    location /same { proxy_pass http://${backend.ip}; proxy_set_header Host $host; }
    location /dead { proxy_pass http://${backend.ip}:81; }
  }`);
  const base = `http://${front.ip}`;

  expect(await get(`${base}/api/items?page=2`)).toBe(`GET /v1/items?page=2 ${backend.ip} ${client.ip}`);
  expect(await get(`${base}/same/x`, '-H', 'Host: shop')).toBe('GET /same/x shop ');
  expect(await get(`${base}/dead`, '-w', '%{http_code}')).toMatch(/502 Bad Gateway[\s\S]*502$/);
  expect(logOf(front).some((line) => line.includes('connect() failed (111: Connection refused)'))).toBe(true);
});

test('names the directives that it reads and does not act on', async () => {
  const pod = await withConfiguration('server {\n  listen 80;\n  gzip on;\n  location ~ \\.php$ { return 403; }\n}\n');

  const warnings = logOf(pod).filter((line) => line.includes('[warn]'));
  expect(warnings.map((line) => line.replace(/^.*\[warn\] 1#1: /, ''))).toEqual([
    '"gzip" in /etc/nginx/conf.d/site.conf:3 is not simulated here and has no effect',
    '"location ~ \\.php$" in /etc/nginx/conf.d/site.conf:4 is not simulated here and has no effect',
  ]);
});

test.each([
  ['server { lisen 80; }', 'unknown directive "lisen" in /etc/nginx/conf.d/site.conf:1'],
  ['server { listen 80;', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/site.conf:1'],
  ['server { listen 80; }\n}', 'unexpected "}" in /etc/nginx/conf.d/site.conf:2'],
  [
    'server { location / { proxy_pass http://no-such-service:80/; } }',
    'host not found in upstream "no-such-service" in /etc/nginx/conf.d/site.conf:1',
  ],
  ['server { location / { proxy_pass backend; } }', 'invalid URL prefix in /etc/nginx/conf.d/site.conf:1'],
])('does not start with %j', async (text, message) => {
  const pod = await withConfiguration(text);

  expect(await pod.containers.get('app')?.exited).toBe(1);
  expect(logOf(pod).at(-1)).toBe(`nginx: [emerg] ${message}`);
});

test('reads its configuration again when it is told to', async () => {
  const pod = cluster.pod({ image: 'nginx' });
  await started(pod);

  await pod.sh("echo 'server { listen 81; return 200 again; }' >/etc/nginx/conf.d/default.conf; nginx -s reload");

  expect(await get(`http://${pod.ip}:81/`)).toBe('again');
  expect((await client.exec(['curl', '-s', `http://${pod.ip}/`])).status).toBe(7);
});
