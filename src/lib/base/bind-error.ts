/** Why a socket could not be bound, which process uses its port, and an alternative. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { UsageError } from './fault.js';
import { systemErrorText } from './system-error.js';

export interface WantedSocket {
  protocol: 'udp' | 'tcp';
  /** As users write it: `hep_udp:0.0.0.0:9060`. */
  name: string;
  host: string;
  port: number;
}

const LISTENING = '0A';
/** Columns of /proc/net/udp and tcp (proc(5)). */
const LOCAL = 1;
const STATE = 3;
const UID = 7;
const INODE = 9;

/** A UsageError for an error of `bind` or `listen`. */
export async function bindError(error: unknown, wanted: WantedSocket): Promise<UsageError> {
  return new UsageError(`cannot listen on ${wanted.name}: ${await bindProblem(error as NodeJS.ErrnoException, wanted)}`);
}

async function bindProblem(error: NodeJS.ErrnoException, { protocol, host, port, name }: WantedSocket): Promise<string> {
  switch (error.code) {
    case 'EADDRINUSE': {
      const holder = await portHolder(protocol, port);
      const free = name.endsWith(`:${port}`) ? `${name.slice(0, -String(port).length)}${port < 65_535 ? port + 1 : port - 1}` : '';
      return `port in use${holder === '' ? '' : ` by ${holder}`}${free === '' ? '' : `; stop it, or choose another port: ${free}`}`;
    }
    case 'EADDRNOTAVAIL':
      return `this host has no address ${host}; use one of its own, or ${host.includes(':') ? '[::]' : '0.0.0.0'} for all`;
    case 'EACCES':
    case 'EPERM':
      return `permission denied${port < 1024 ? `: ports below 1024 need CAP_NET_BIND_SERVICE; use a port from 1024 on` : ''}`;
    default:
      return systemErrorText(error);
  }
}

/** `kamailio (pid 812)`, or the owner of the process; '' if the system does not report it. */
export async function portHolder(protocol: 'udp' | 'tcp', port: number): Promise<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of [protocol, `${protocol}6`]) {
    for (const line of (await text(`/proc/net/${table}`)).split('\n')) {
      const cells = line.trim().split(/\s+/);
      if (cells.length <= INODE || !cells[LOCAL].endsWith(wanted) || (protocol === 'tcp' && cells[STATE] !== LISTENING)) continue;
      const process = await processWith(`socket:[${cells[INODE]}]`);
      return process === '' ? `a process of user ${await userName(cells[UID])}` : process;
    }
  }
  return '';
}

async function processWith(link: string): Promise<string> {
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => []))
      if ((await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')) === link)
        return `${(await text(`/proc/${pid}/comm`)).trim()} (pid ${pid})`;
  }
  return '';
}

async function userName(uid: string): Promise<string> {
  const entry = (await text('/etc/passwd')).split('\n').find((line) => line.split(':')[2] === uid);
  return entry?.split(':')[0] ?? uid;
}

function text(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
