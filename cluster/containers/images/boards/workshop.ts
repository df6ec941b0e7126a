import type { Program } from '../../process/process.ts';
import type { Image } from '../image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from '../serve.ts';
import { appUi } from './app-ui.ts';
import { boards } from './boards.ts';
import { mongodb } from './mongodb.ts';

/** Looks up what is pasted in a search engine of the internet, which no pod reaches: 500, as the original then says. */
const contextScraper: Program = async (process) => {
  await process.print('Listening on port 8080\n');
  const accept = httpAcceptor(process, (request, response) => {
    const isSearch = (request.url ?? '').startsWith('/scrape/custom_search');
    answer(
      response,
      isSearch ? 500 : 404,
      [
        ['X-Powered-By', 'Express'],
        ['Content-Type', isSearch ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8'],
        ['Date', httpDate(process)],
      ],
      isSearch ? '{"oops":{"name":"RequestError","message":"Error: getaddrinfo ENOTFOUND"}}' : 'Not Found\n',
    );
  });
  return listenUntilStopped(process, new Map([[8080, accept]]));
};

const SERVICES: readonly (readonly [string, Program])[] = [
  ['app-ui', appUi],
  ['boards', boards],
  ['context-scraper', contextScraper],
];

/** The microservices demo of Red Hat's service mesh workshop. */
export const boardsImages: readonly Image[] = [
  ...SERVICES.map(([name, program]): Image => ({
    repositories: [`quay.io/jasonredhat/openshift-microservices-${name}`],
    exposes: [8080],
    userland: 'gnu',
    user: { uid: 1001, name: 'default', home: '/opt/app-root/src' },
    workingDirectory: '/opt/app-root/src',
    command: ['/usr/libexec/s2i/run'],
    programs: { '/usr/libexec/s2i/run': program },
  })),
  {
    repositories: ['centos/mongodb-36-centos7', 'registry.access.redhat.com/rhscl/mongodb-36-rhel7'],
    exposes: [27_017],
    userland: 'gnu',
    user: { uid: 184, name: 'mongodb', home: '/var/lib/mongodb' },
    command: ['run-mongod'],
    programs: { '/usr/bin/run-mongod': mongodb },
  },
];
