import type { Connection } from '../../network/connection.ts';
import type { Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

const PRODUCTS = [
  ['OLJCESPC7Z', 'Vintage Typewriter', 'USD 67.99'],
  ['66VCHSJNUP', 'Vintage Camera Lens', 'USD 12.49'],
  ['1YMWWN1N4O', 'Home Barista Kit', 'USD 124.00'],
  ['L9ECAV7KIM', 'Terrarium', 'USD 36.45'],
  ['2ZYFJ3GM2N', 'Film Camera', 'USD 2245.00'],
  ['0PUK6V6EV0', 'Vintage Record Player', 'USD 65.50'],
  ['LS4PSXUNUM', 'Metal Camping Mug', 'USD 24.33'],
  ['9SIQT8TOJO', 'City Bike', 'USD 789.50'],
  ['6E92ZMYYFZ', 'Air Plant', 'USD 12.29'],
] as const;

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="UTF-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, shrink-to-fit=no">
    <title>${title}</title>
</head>
<body>
    <header>
        <a href="/">Hipster Shop</a>
        <a href="/cart">View Cart (0)</a>
    </header>
    <main role="main">
${body}
    </main>
    <footer>
        <p>This website is hosted for demo purposes only. It is not an actual shop.</p>
    </footer>
</body>
</html>
`;
}

function home(): string {
  const cards = PRODUCTS.map(
    ([id, name, price]) => `        <article>
            <a href="/product/${id}"><img alt="${name}" src="/static/img/products/${id}.jpg"></a>
            <h5>${name}</h5>
            <strong>${price}</strong>
        </article>`,
  );
  return page('Hipster Shop', `        <h1>One-stop for Hipster Fashion &amp; Style Online</h1>\n${cards.join('\n')}`);
}

/** The shop's web page. Its own calls to the other services are not made: products and prices are fixed. */
const frontend: Program = (process) => {
  const accept = httpAcceptor(process, (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const html = (status: number, body: string): void =>
      answer(
        response,
        status,
        [
          ['Date', httpDate(process)],
          ['Content-Type', 'text/html; charset=utf-8'],
        ],
        body,
      );
    const product = PRODUCTS.find(([id]) => path === `/product/${id}`);
    if (path === '/_healthz' || path === '/healthz') {
      answer(
        response,
        200,
        [
          ['Date', httpDate(process)],
          ['Content-Type', 'text/plain; charset=utf-8'],
        ],
        'ok',
      );
    } else if (path === '/') html(200, home());
    else if (path === '/cart') html(200, page('Hipster Shop', '        <h3>Your shopping cart is empty!</h3>'));
    else if (product !== undefined) {
      html(200, page('Hipster Shop', `        <h2>${product[1]}</h2>\n        <p>${product[2]}</p>`));
    } else
      answer(
        response,
        404,
        [
          ['Content-Type', 'text/plain; charset=utf-8'],
          ['X-Content-Type-Options', 'nosniff'],
          ['Date', httpDate(process)],
        ],
        '404 page not found\n',
      );
    void process.print(
      `${JSON.stringify({ 'http.req.method': request.method, 'http.req.path': path, message: 'request complete', severity: 'debug', timestamp: new Date(process.container.clock.now()).toISOString() })}\n`,
    );
  });
  return listenUntilStopped(process, new Map([[8080, accept]]));
};

const SETTINGS_FRAME = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const SETTINGS_ACK = Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0]);
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/**
 * A gRPC server as far as a client sees that does not speak gRPC: it greets with SETTINGS, and tells who sends no
 * HTTP/2 to go away (RFC 9113, 3.4 and 6.8), then closes. Methods are not simulated.
 */
function greetHttp2(connection: Connection): void {
  let input = Buffer.alloc(0);
  connection.write(SETTINGS_FRAME);
  connection.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]).subarray(0, 4096);
    const text = input.toString('latin1');
    if (!PREFACE.startsWith(text.slice(0, PREFACE.length))) {
      const debug = Buffer.from(`Unexpected HTTP/1.x request: ${text.split('\r\n')[0] ?? ''} `);
      const goAway = Buffer.alloc(17);
      goAway.writeUIntBE(8 + debug.length, 0, 3);
      goAway[3] = 7;
      goAway.writeUInt32BE(1, 13); // PROTOCOL_ERROR
      connection.end(Buffer.concat([goAway, debug]));
    } else if (text.length > PREFACE.length) connection.write(SETTINGS_ACK);
  });
  connection.on('end', () => connection.end());
}

/** A service that speaks gRPC on its ports. */
function grpcService(...ports: number[]): Program {
  return (process) => {
    // The platform gives the port to the services that ask for it.
    const own = Number(process.environment.get('PORT') ?? Number.NaN);
    const [first = 0, ...others] = ports;
    const listening = [Number.isInteger(own) && own > 0 ? own : first, ...others];
    return listenUntilStopped(process, new Map(listening.map((port) => [port, greetHttp2])));
  };
}

const loadGenerator: Program = (process) => {
  const accept = httpAcceptor(process, (_request, response) =>
    answer(response, 200, [['Content-Type', 'text/html; charset=utf-8']], page('Locust', '        <h1>Locust</h1>')),
  );
  return listenUntilStopped(process, new Map([[8089, accept]]));
};

/** Ports: mesh of the tetrate training's hipstershop, release v0.1.9. */
const SERVICES: readonly (readonly [string, Program])[] = [
  ['frontend', frontend],
  ['apiservice', frontend],
  ['adservice', grpcService(9555)],
  ['cartservice', grpcService(7070)],
  ['checkoutservice', grpcService(5050, 5052)],
  ['currencyservice', grpcService(7000)],
  ['emailservice', grpcService(8080, 8081)],
  ['paymentservice', grpcService(50_051)],
  ['productcatalogservice', grpcService(3550, 3552)],
  ['recommendationservice', grpcService(8080, 8081)],
  ['shippingservice', grpcService(50_051, 50_053)],
  ['loadgenerator', loadGenerator],
];

export const hipstershopImages: readonly Image[] = SERVICES.map(([name, program]) => ({
  repositories: [`microservicesdemomesh/${name}`, `gcr.io/google-samples/microservices-demo/${name}`],
  userland: 'busybox',
  entrypoint: [`/src/${name}`],
  workingDirectory: '/src',
  programs: { [`/src/${name}`]: program },
}));
