import { afterAll, beforeAll, expect, test } from 'vitest';
import { createManualClock } from '../../manual-clock.ts';
import { systemClock, TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let client: TestPod;
const pods = new Map<string, TestPod>();

beforeAll(() => {
  cluster = new TestCluster(systemClock, [{ image: 'example.com/echo', paths: { '/*': { echo: true } } }]);
  client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
  for (const name of ['productpage-v1', 'details-v1', 'ratings-v1', 'reviews-v1', 'reviews-v2', 'reviews-v3']) {
    pods.set(name, cluster.pod({ name, image: `docker.io/istio/examples-bookinfo-${name}:1.15.1` }));
  }
  serve('productpage', 'productpage-v1');
  serve('details', 'details-v1');
  serve('ratings', 'ratings-v1');
  serve('reviews', 'reviews-v2');
});
afterAll(() => cluster.dispose());

function serve(service: string, ...names: string[]): void {
  const behind = names.map((name) => pods.get(name)!);
  cluster.service(service, { ports: [{ name: 'http', port: 9080, targetPort: 9080 }], pods: behind });
}

async function get(url: string, ...options: string[]): Promise<string> {
  const { stdout, status, stderr } = await client.exec(['curl', '-sS', ...options, url]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

test('rates every product with five and four stars', async () => {
  expect(await get('http://ratings:9080/ratings/7')).toBe('{"id":7,"ratings":{"Reviewer1":5,"Reviewer2":4}}');
  expect(await get('http://ratings:9080/ratings/x')).toBe('{"error":"please provide numeric product ID"}');
});

test('keeps the ratings that are posted', async () => {
  await get('http://ratings:9080/ratings/8', '-d', '{"Reviewer1":1}');

  expect(await get('http://ratings:9080/ratings/8')).toBe('{"id":8,"ratings":{"Reviewer1":1}}');
});

test('describes the book', async () => {
  const book = JSON.parse(await get('http://details:9080/details/0')) as object;

  expect(book).toMatchObject({ id: 0, author: 'William Shakespeare', year: 1595, 'ISBN-10': '1234567890' });
});

test.each([
  ['reviews-v1', undefined],
  ['reviews-v2', { stars: 5, color: 'black' }],
  ['reviews-v3', { stars: 5, color: 'red' }],
])('%s has its own stars', async (version, rating) => {
  const answer = JSON.parse(await get(`http://${pods.get(version)!.ip}:9080/reviews/0`)) as {
    podname: string;
    reviews: { reviewer: string; rating?: object }[];
  };

  expect(answer.podname).toBe(version);
  expect(answer.reviews).toHaveLength(2);
  expect(answer.reviews[0]?.reviewer).toBe('Reviewer1');
  expect(answer.reviews[0]?.rating).toEqual(rating);
});

test('puts the page together from details, reviews and ratings', async () => {
  const page = await get('http://productpage:9080/productpage');

  expect(page).toContain('<title>Simple Bookstore App</title>');
  expect(page).toContain('<dt>Publisher:</dt>');
  expect(page).toContain('Reviews served by: reviews-v2');
  expect(page.match(/glyphicon glyphicon-star"/g)).toHaveLength(9);
});

test('answers its program interface with what the services say', async () => {
  expect(await get('http://productpage:9080/api/v1/products/0/ratings')).toContain('"Reviewer1":5');
  expect(await get('http://productpage:9080/api/v1/products/0')).toContain('"year":1595');
});

test('says so on the page when the ratings are gone, and when reviews and details are', async () => {
  serve('ratings');
  const without = await get('http://productpage:9080/productpage');
  serve('reviews');
  serve('details');
  const alone = await get('http://productpage:9080/productpage');
  serve('ratings', 'ratings-v1');
  serve('reviews', 'reviews-v2');
  serve('details', 'details-v1');

  expect(without).toContain('Ratings service is currently unavailable');
  expect(alone).toContain('Error fetching product details');
  expect(alone).toContain('Sorry, product reviews are currently unavailable for this book.');
});

test('passes on who is logged in, and the headers of traces', async () => {
  const echo = cluster.pod({ image: 'example.com/echo' });
  cluster.service('details', { ports: [{ name: 'http', port: 9080, targetPort: 8080 }], pods: [echo] });
  const login = await get(
    'http://productpage:9080/login',
    '-i',
    '-d',
    'username=jason',
    '-H',
    'Referer: http://x/where',
  );
  const cookie = /^set-cookie: (session=[^;]+)/im.exec(login)?.[1] ?? '';
  const asked = async (sent: string): Promise<Record<string, unknown>> => {
    const answer = await get(
      'http://productpage:9080/api/v1/products/0',
      '-H',
      `Cookie: ${sent}`,
      '-H',
      'x-b3-traceid: 7',
    );
    return (JSON.parse(answer) as { headers: Record<string, unknown> }).headers;
  };

  const [known, forged] = [await asked(cookie), await asked(`${cookie}x`)];
  serve('details', 'details-v1');

  expect(login).toContain('Location: /where');
  expect(known).toMatchObject({ 'end-user': 'jason', 'x-b3-traceid': '7' });
  expect(forged).toMatchObject({ 'x-b3-traceid': '7' });
  expect(forged).not.toHaveProperty('end-user');
});

test('reviews wait for slow ratings, black stars longer than red ones', async () => {
  const clock = createManualClock();
  const slow = new TestCluster(clock, [
    { image: 'slow', paths: { '/ratings/*': { delayMs: 7000, body: '{"ratings":{"Reviewer1":3}}' } } },
  ]);
  const [asker, server] = [
    slow.pod({ image: 'appropriate/curl', command: ['sleep', '1d'] }),
    slow.pod({ image: 'slow' }),
  ];
  slow.service('ratings', { ports: [{ port: 9080, targetPort: 8080 }], pods: [server] });
  const answers = ['v2', 'v3'].map((version) => {
    const { ip } = slow.pod({ image: `istio/examples-bookinfo-reviews-${version}` });
    return asker.exec(['curl', '-sS', `http://${ip}:9080/reviews/0`]);
  });
  const progress = { waiting: true };
  const both = Promise.all(answers).finally(() => (progress.waiting = false));
  while (progress.waiting) {
    clock.step(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [black, red] = await both;
  slow.dispose();

  expect(black?.stdout).toContain('"rating": {"stars": 3, "color": "black"}');
  expect(red?.stdout).toContain('"rating": {"error": "Ratings service is currently unavailable"}');
});
