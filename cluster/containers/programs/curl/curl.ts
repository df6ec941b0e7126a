import { FileError, resolvePath } from '../../files/file-system.ts';
import type { Process, Program } from '../../process/process.ts';
import { pathOf } from '../tool.ts';
import { CURL_TODAY, type CurlBuild } from './build.ts';
import { CookieStore } from './cookies.ts';
import { CERTIFICATE_ADVICE, CurlError, CurlUsageError } from './errors.ts';
import { parseCurlOptions, type CurlOptions } from './options.ts';
import { planRequest, type RequestPlan } from './request.ts';
import {
  Transfer,
  type ConnectionCache,
  type Connections,
  type TransferInfo,
  type TransferOutput,
} from './transfer.ts';
import { expandUrl } from './url.ts';
import { formatWriteOut } from './write-out.ts';

function versionText({ version, released, tls }: CurlBuild): string {
  const lines = [
    `curl ${version} (x86_64-pc-linux-gnu) libcurl/${version} ${tls}`,
    ...(released === null ? [] : [`Release-Date: ${released}`]),
    'Protocols: http https',
    'Features: brotli libz SSL',
  ];
  return `${lines.join('\n')}\n`;
}

const HELP = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit

This is not the full help, this menu is stripped into categories.
Use "--help category" to get an overview of all categories.
For all options use the manual or "--help all".
`;

/**
 * curl for HTTP/1.1 and HTTPS, as 7.88.1 behaves. Left out: every other protocol, HTTP/2, proxies, rate limits, and
 * the lines of `-v` that trace single TLS messages.
 */
export function curlProgram(build: CurlBuild): Program {
  return (process) => main(process, build);
}

/** That of today's images. */
export const curl = curlProgram(CURL_TODAY);

async function main(process: Process, build: CurlBuild): Promise<number> {
  let sets: CurlOptions[];
  try {
    sets = await parseCurlOptions(process.args.slice(1), build, async (path) => {
      const bytes = path === '-' ? await process.readAll() : configFile(process, path);
      return bytes.toString('utf8');
    });
  } catch (error) {
    if (!(error instanceof CurlUsageError)) throw error;
    await process.printError(`curl: ${error.message}\n${TRY_HELP}`);
    return error.status;
  }
  if (sets.some((options) => options.showVersion)) {
    await process.print(versionText(build));
    return 0;
  }
  if (sets.some((options) => options.showHelp)) {
    await process.print(HELP);
    return 0;
  }
  if (sets.some((options) => options.urls.length === 0)) {
    await process.printError(process.args.length > 1 ? `curl: no URL specified!\n${TRY_HELP}` : TRY_HELP);
    return 2;
  }
  const connections: Connections = { nextId: 0, idle: null };
  let exitCode = 0;
  try {
    for (const options of sets) {
      // A file to send is looked for before anything is sent.
      const { upload } = options;
      if (upload !== null && upload !== '-' && !process.container.files.exists(pathOf(process, upload))) {
        await process.printError(`curl: Can't open '${upload}'!\n${TRY_HELP}`);
        return 26;
      }
      exitCode = await transferAll(process, options, connections);
      if (exitCode !== 0 && options.failEarly) break;
    }
  } finally {
    connections.idle?.stream.destroy();
  }
  return exitCode;
}

function configFile(process: Process, path: string): Buffer {
  try {
    return Buffer.from(process.container.files.read(resolvePath(process.workingDirectory, path), process.uid));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CurlUsageError('option -K: error encountered when reading a file', 26);
  }
}

const TRY_HELP = "curl: try 'curl --help' or 'curl --manual' for more information\n";

async function transferAll(process: Process, options: CurlOptions, connections: Connections): Promise<number> {
  const cookies = await CookieStore.load(process, options);
  const cache: ConnectionCache = { connections, cookies };
  let exitCode = 0;
  try {
    const plan = await planRequest(process, options);
    for (const [position, pattern] of options.urls.entries()) {
      for (const url of options.glob ? expandUrl(pattern) : [pattern]) {
        exitCode = await transferWithRetries(process, options, plan, cache, url, position, options.outputs[position]);
        // The jar is written after each of them.
        await cookies?.save();
        if (exitCode !== 0 && options.failEarly) return exitCode;
      }
    }
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    await process.printError(`curl: (${error.code}) ${error.message}\n`);
    return error.code;
  }
  return exitCode;
}

async function transferWithRetries(
  process: Process,
  options: CurlOptions,
  plan: RequestPlan,
  cache: ConnectionCache,
  url: string,
  index: number,
  target: CurlOptions['outputs'][number] | undefined,
): Promise<number> {
  let delayMs = options.retryDelayMs ?? 1000;
  for (let left = options.retry; ; left -= 1) {
    const output = new Output(process, options, url, target);
    const transfer = new Transfer(process, options, plan, cache, output, url, index);
    await transfer.run();
    const { info } = transfer;
    info.fileName = output.fileName;
    if (info.exitCode === 0) output.finish();
    if (info.exitCode !== 0 && (!options.silent || options.showError)) await report(process, info);
    const reason = left > 0 ? retryReason(options, info) : null;
    if (reason === null) {
      if (options.writeOut !== null) await printWriteOut(process, options.writeOut, info);
      return info.exitCode;
    }
    if (!options.silent) {
      const seconds = Math.round(delayMs / 1000);
      await warn(process, `Problem ${reason}. Will retry in ${seconds} seconds. ${left} retries left.`, false);
    }
    await process.sleep(delayMs);
    // Doubles up to ten minutes, unless a delay was asked for.
    if (options.retryDelayMs === null) delayMs = Math.min(delayMs * 2, 600_000);
  }
}

async function report(process: Process, info: TransferInfo): Promise<void> {
  await process.printError(`curl: (${info.exitCode}) ${info.errorMessage}\n`);
  if (info.exitCode === 60) await process.printError(CERTIFICATE_ADVICE);
}

/** Why a transfer is worth another try (src/tool_operate.c, retry_check); null when it is not. */
function retryReason(options: CurlOptions, info: TransferInfo): string | null {
  if (options.retryAllErrors && info.exitCode !== 0) return '(retrying all errors)';
  if (info.exitCode === 28 || info.exitCode === 6) return ': timeout';
  if (options.retryConnectionRefused && info.exitCode === 7) return ': connection refused';
  if ([408, 429, 500, 502, 503, 504].includes(info.status)) return ': HTTP error';
  return null;
}

async function printWriteOut(process: Process, given: string, info: TransferInfo): Promise<void> {
  let format = given;
  if (given.startsWith('@')) {
    const path = given.slice(1);
    format = (
      path === '-'
        ? await process.readAll()
        : Buffer.from(process.container.files.read(resolvePath(process.workingDirectory, path)))
    ).toString('utf8');
  }
  const { stdout, stderr, unknown } = formatWriteOut(format, info);
  for (const name of unknown) await process.printError(`curl: unknown --write-out variable: '${name}'\n`);
  await process.print(stdout);
  if (stderr !== '') await process.printError(stderr);
}

/** Lines of 79 characters with `Warning: ` before each (src/tool_msgs.c, voutf). */
async function warn(process: Process, text: string, silent: boolean): Promise<void> {
  if (silent) return;
  const width = 79 - 'Warning: '.length;
  let rest = text;
  let lines = '';
  while (rest.length > width) {
    let cut = rest.lastIndexOf(' ', width - 1);
    if (cut <= 0) cut = width - 1;
    lines += `Warning: ${rest.slice(0, cut + 1)}\n`;
    rest = rest.slice(cut + 1);
  }
  await process.printError(`${lines}Warning: ${rest}\n`);
}

/** Where the body of one URL goes: standard output, or a file that comes into being with its first byte. */
class Output implements TransferOutput {
  readonly isTerminal: boolean;
  readonly fileName: string;
  readonly #process: Process;
  readonly #options: CurlOptions;
  #started = false;

  constructor(process: Process, options: CurlOptions, url: string, target: CurlOptions['outputs'][number] | undefined) {
    this.#process = process;
    this.#options = options;
    const remoteName =
      url
        .replace(/[?#].*$/, '')
        .replace(/^[a-z]+:\/\/[^/]*/, '')
        .split('/')
        .at(-1) ?? '';
    this.fileName =
      target === undefined ? '' : target.kind === 'remote' ? remoteName : target.path === '-' ? '' : target.path;
    this.isTerminal = this.fileName === '' && process.isTerminal(1);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.fileName === '') {
      if (this.isTerminal && bytes.includes(0)) {
        await warn(
          this.#process,
          'Binary output can mess up your terminal. Use "--output -" to tell curl to output it to your terminal anyway, or consider "--output <FILE>" to save to a file.',
          this.#options.silent,
        );
        throw new CurlError(23, 'Failure writing output to destination');
      }
      await this.#process.print(bytes);
      return;
    }
    await this.#store(bytes);
  }

  /** A transfer without a body still makes its file. */
  finish(): void {
    if (this.fileName !== '' && !this.#started) this.#append(Buffer.alloc(0));
  }

  async dumpHeader(text: string): Promise<void> {
    const { dumpHeader } = this.#options;
    if (dumpHeader === null) return;
    if (dumpHeader === '-') await this.#process.print(Buffer.from(text, 'latin1'));
    else
      this.#process.container.files.write(this.#path(dumpHeader), Buffer.from(text, 'latin1'), {
        uid: this.#process.uid,
      });
  }

  async #store(bytes: Uint8Array): Promise<void> {
    try {
      this.#append(bytes);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (!this.#started)
        await warn(this.#process, `Failed to open the file ${this.fileName}: ${error.message}`, this.#options.silent);
      throw new CurlError(23, 'Failure writing output to destination');
    }
  }

  #append(bytes: Uint8Array): void {
    const path = this.#path(this.fileName);
    const { files } = this.#process.container;
    if (!this.#started && this.#options.createDirectories)
      files.makeDirectories(path.replace(/\/[^/]*$/, ''), this.#process.uid);
    files.write(path, bytes, { append: this.#started, uid: this.#process.uid });
    this.#started = true;
  }

  #path(name: string): string {
    return resolvePath(this.#process.workingDirectory, name);
  }
}
