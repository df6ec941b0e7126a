import { DISK_BYTES, FileError, type FileNode } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { isGnu, parseOptions, toolName, UsageError } from './options.ts';
import { userName } from './basic.ts';
import { notSimulated } from './not-simulated.ts';
import { pathOf, tool } from './tool.ts';

/** What people ask a system about itself. Numbers are the simulation's own: its disk, its clock, its sockets. */

const KIB = 1024;

function human(bytes: number): string {
  if (bytes < KIB) return String(bytes);
  const units = ['K', 'M', 'G'];
  let value = bytes;
  let unit = -1;
  while (value >= KIB && unit < units.length - 1) {
    value /= KIB;
    unit += 1;
  }
  return `${value.toFixed(1)}${units[unit] ?? ''}`;
}

export const df = tool(async (process) => {
  const { options } = parseOptions(process, 'hkPTa', { long: { 'human-readable': 'h' } });
  const size = (bytes: number): string => (options.has('h') ? human(bytes) : String(Math.ceil(bytes / KIB)));
  const { used } = process.container.files;
  const rows = [
    ['overlay', DISK_BYTES, used, '/'],
    ['tmpfs', 64 * KIB * KIB, 0, '/dev'],
  ] as const;
  const unit = options.has('h') ? 'Size' : '1K-blocks';
  const cells = rows.map(([name, total, taken, mount]) => {
    const share = `${Math.ceil((100 * taken) / total)}%`;
    return [name, size(total), size(taken), size(total - taken), share, mount];
  });
  const widths = isGnu(process) ? [10, Math.max(5, unit.length), 8, 9, 4] : [20, 9, 9, 9, 4];
  const line = ([name = '', total = '', taken = '', free = '', share = '', mount = '']: readonly string[]): string =>
    `${name.padEnd(widths[0] ?? 0)} ${total.padStart(widths[1] ?? 0)} ${taken.padStart(widths[2] ?? 0)} ${free.padStart(widths[3] ?? 0)} ${share.padStart(widths[4] ?? 0)} ${mount}\n`;
  const head = line([
    'Filesystem',
    unit,
    'Used',
    isGnu(process) && options.has('h') ? 'Avail' : 'Available',
    'Use%',
    'Mounted on',
  ]);
  await process.print(head + cells.map(line).join(''));
  return 0;
});

export const du = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'hskacd:', { long: { 'max-depth=': 'd', summarize: 's' } });
  const { files } = process.container;
  const depth = options.has('s') ? 0 : Number(options.get('d') ?? Infinity);
  const show = (bytes: number, path: string): Promise<void> =>
    process.printLater(`${options.has('h') ? human(bytes) : Math.ceil(bytes / KIB)}\t${path}\n`);
  const visit = async (path: string, node: FileNode, level: number): Promise<number> => {
    // A file takes whole blocks of 4 KiB, as does a folder.
    let size =
      node.kind === 'file' ? Math.ceil(node.content.length / 4096) * 4096 : node.kind === 'directory' ? 4096 : 0;
    if (node.kind === 'directory') {
      for (const [name, child] of files.entries(node)) {
        size += await visit(path.endsWith('/') ? path + name : `${path}/${name}`, child, level + 1);
      }
    }
    if (level === 0 || (level <= depth && (node.kind === 'directory' || options.has('a')))) await show(size, path);
    return size;
  };
  let status = 0;
  for (const operand of operands.length === 0 ? ['.'] : operands) {
    try {
      await visit(operand, files.find(pathOf(process, operand), { follow: false, uid: process.uid }), 0);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await process.printError(
        isGnu(process) ? `du: cannot access '${operand}': ${error.message}\n` : `du: ${operand}: ${error.message}\n`,
      );
      status = 1;
    }
  }
  return status;
});

/** `-c` with `%n %s %a %A %u %g %U %G %F %Y`, and `-L`. */
export const stat = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'c:Lf', { long: { 'format=': 'c', dereference: 'L' } });
  if (operands.length === 0) throw new UsageError(`${toolName(process)}: missing operand\n`, 1);
  let status = 0;
  for (const operand of operands) {
    let node: FileNode;
    try {
      node = process.container.files.find(pathOf(process, operand), { follow: options.has('L'), uid: process.uid });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await process.printError(
        isGnu(process)
          ? `stat: cannot statx '${operand}': ${error.message}\n`
          : `stat: can't stat '${operand}': ${error.message}\n`,
      );
      status = 1;
      continue;
    }
    await process.print(describe(process, operand, node, options.get('c')));
  }
  return status;
});

function describe(process: Process, path: string, node: FileNode, format: string | undefined): string {
  const size = node.kind === 'file' ? node.content.length : node.kind === 'directory' ? 4096 : 0;
  const kind = {
    file: size === 0 ? 'regular empty file' : 'regular file',
    directory: 'directory',
    symlink: 'symbolic link',
    device: 'character special file',
  }[node.kind];
  const letter = { file: '-', directory: 'd', symlink: 'l', device: 'c' }[node.kind];
  const mode = (node.mode & 0o7777).toString(8);
  const rights = [6, 3, 0].map((shift) =>
    ['r', 'w', 'x'].map((right, bit) => ((node.mode >> shift) & (4 >> bit) ? right : '-')).join(''),
  );
  const access = letter + rights.join('');
  const user = userName(process, node.uid);
  if (format !== undefined) {
    const values: Readonly<Record<string, string>> = {
      n: path,
      s: String(size),
      a: mode,
      A: access,
      u: String(node.uid),
      g: String(node.uid),
      U: user,
      G: user,
      F: kind,
      Y: String(Math.floor(node.modified / 1000)),
      '%': '%',
    };
    return `${format.replace(/%([a-zA-Z%])/g, (whole, name: string) => values[name] ?? whole)}\n`;
  }
  const time = `${new Date(node.modified).toISOString().slice(0, 23).replace('T', ' ')}000000 +0000`;
  const owner = `${String(node.uid).padStart(5)}/${user.padStart(8)}`;
  return [
    `  File: ${path}${node.kind === 'symlink' ? ` -> ${node.target}` : ''}`,
    `  Size: ${String(size).padEnd(10)}\tBlocks: ${String(Math.ceil(size / 512)).padEnd(10)} IO Block: 4096   ${kind}`,
    `Access: (${mode.padStart(4, '0')}/${access})  Uid: (${owner})   Gid: (${owner})`,
    `Access: ${time}`,
    `Modify: ${time}`,
    `Change: ${time}`,
    '',
  ].join('\n');
}

export const uptime: Program = async (process) => {
  const now = process.container.clock.now();
  const started = process.container.processes.get(1)?.startedAt ?? now;
  const minutes = Math.floor((now - started) / 60_000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  const time =
    hours > 0 || days > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes} min`;
  const dayText = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `;
  await process.print(
    ` ${new Date(now).toISOString().slice(11, 19)} up ${dayText}${time},  0 users,  load average: 0.00, 0.00, 0.00\n`,
  );
  return 0;
};

export const ifconfig: Program = async (process) => {
  const { ip } = process.container.network;
  const broadcast = ip.replace(/\.\d+$/, '.255');
  await process.print(
    `eth0      Link encap:Ethernet  HWaddr ${hardwareAddress(ip)}  \n          inet addr:${ip}  Bcast:${broadcast}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n`,
  );
  return 0;
};

/** `ip addr` and `ip route`, in their short forms too. */
export const ip: Program = async (process) => {
  const [what = ''] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  const address = process.container.network.ip;
  const gateway = address.replace(/\.\d+$/, '.1');
  const link = `    link/ether ${hardwareAddress(address)} brd ff:ff:ff:ff:ff:ff\n`;
  const addresses = 'address'.startsWith(what);
  if (what !== '' && (addresses || 'link'.startsWith(what))) {
    await process.print(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${addresses ? '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n' : ''}2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue \n${link}${addresses ? `    inet ${address}/24 brd ${address.replace(/\.\d+$/, '.255')} scope global eth0\n       valid_lft forever preferred_lft forever\n` : ''}`,
    );
    return 0;
  }
  if (what !== '' && 'route'.startsWith(what)) {
    await process.print(
      `default via ${gateway} dev eth0 \n${address.replace(/\.\d+$/, '.0')}/24 dev eth0 scope link  src ${address} \n`,
    );
    return 0;
  }
  await process.printError('ip: only "ip addr", "ip link" and "ip route" are simulated here\n');
  return 1;
};

/** Of its address, as the bridge plugin does: 02 is a locally made one. */
function hardwareAddress(address: string): string {
  return ['0a', '58', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

/** Listening sockets; open connections are not shown. */
export const netstat = tool(async (process) => {
  const { options } = parseOptions(process, 'tulnapWe');
  const rows = process.container.network
    .ports()
    .map(
      (port) =>
        `tcp        0      0 ${`0.0.0.0:${port}`.padEnd(23)} 0.0.0.0:*               LISTEN      ${options.has('p') ? '1/-' : ''}\n`,
    );
  const program = options.has('p') ? 'PID/Program name    ' : '';
  await process.print(
    `Active Internet connections (${options.has('l') ? 'only servers' : 'w/o servers'})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${program}\n${options.has('l') || options.has('a') ? rows.join('') : ''}`,
  );
  return 0;
});

/** Memory of a node with 8 GiB, of which nobody measures anything: what is used is a constant. */
export const free = tool(async (process) => {
  const { options } = parseOptions(process, 'bkmgh');
  const divisor = options.has('b')
    ? 1 / KIB
    : options.has('m') || options.has('h')
      ? KIB
      : options.has('g')
        ? KIB ** 2
        : 1;
  const numbers = [8_140_024, 1_204_412, 4_912_220, 2_808, 2_023_392, 6_650_112];
  const show = (values: readonly number[]): string =>
    values
      .map((value) => String(Math.floor(value / divisor)).padStart(12))
      .join('')
      .slice(1);
  await process.print(
    `              total        used        free      shared  buff/cache   available\nMem:    ${show(numbers)}\nSwap:   ${show([0, 0, 0])}\n`,
  );
  return 0;
});

export const ping = notSimulated('The network of this cluster carries TCP alone: try nc -zv HOST PORT or wget.');
export const vi = notSimulated('Write files with cat >FILE, sed -i or kubectl cp.');
export const telnet = notSimulated('Try nc HOST PORT.');
export const top = notSimulated('Try ps.');
export const watch = notSimulated('Try while true; do COMMAND; sleep 2; done.');
