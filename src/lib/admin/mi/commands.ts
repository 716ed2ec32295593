/** The management commands: names, parameters and results; the protocols around them are elsewhere. */

/** What the commands manage. */
export interface ManagedNode {
  captureOn: boolean;
  /** Counters by name. */
  statistics(): Record<string, number>;
  uptimeSeconds(): number;
  readonly version: string;
  /** Reloads the configuration; '' when the new one is active, else why not. */
  reload(): Promise<string>;
  /** The backlog, by sink. */
  spool(): Record<string, number>;
}

export type MiValue = string | number | boolean | null | MiValue[] | { [name: string]: MiValue };
export type MiParameters = readonly MiValue[] | Readonly<Record<string, MiValue>>;

export interface MiError {
  code: number;
  message: string;
  data?: string;
}

export type MiAnswer = { result: MiValue } | { error: MiError };

interface Command {
  names: readonly string[];
  /** The accepted lists of parameter names. */
  parameters: readonly (readonly string[])[];
  help: string;
  run(node: ManagedNode, values: readonly MiValue[], now: number): MiAnswer | Promise<MiAnswer>;
}

const OK: MiAnswer = { result: 'OK' };

const COMMANDS: readonly Command[] = [
  {
    names: ['sip_capture', 'sipcapture:capture', 'capture'],
    parameters: [[], ['capture_mode']],
    help: 'shows or switches storing of SIP: on, off',
    run(node, [mode]) {
      if (mode === undefined) return { result: { 'SIP capturing': node.captureOn ? 'on' : 'off' } };
      const on = switchOf(mode);
      if (on === null) return { error: { code: 500, message: 'Bad parameter value' } };
      node.captureOn = on;
      return OK;
    },
  },
  {
    names: ['which'],
    parameters: [[], ['command']],
    help: 'lists the commands, or the parameters of one',
    run(_, [name]) {
      if (name === undefined) return { result: COMMANDS.flatMap(({ names }) => [...names]) };
      const command = commandNamed(String(name));
      return command === null
        ? { error: { code: 404, message: 'unknown MI command' } }
        : { result: command.parameters.map((list) => [...list]) };
    },
  },
  {
    names: ['get_statistics', 'statistics:get'],
    parameters: [[], ['statistics']],
    help: 'shows counters: all, of a group (sipcapture:), or by name',
    run(node, [wanted]) {
      const names = wanted === undefined ? ['all'] : Array.isArray(wanted) ? wanted.map(String) : [String(wanted)];
      const found = Object.entries(node.statistics()).filter(([name]) =>
        names.some(
          (one) =>
            one === 'all' || name === one || name.slice(name.indexOf(':') + 1) === one || (one.endsWith(':') && name.startsWith(one)),
        ),
      );
      return { result: Object.fromEntries(found) };
    },
  },
  {
    names: ['uptime'],
    parameters: [[]],
    help: 'shows the start time and uptime',
    run(node, _, now) {
      const seconds = Math.floor(node.uptimeSeconds());
      const time = (milliseconds: number) => new Date(milliseconds).toUTCString();
      return { result: { Now: time(now / 1000), 'Up since': time(now / 1000 - seconds * 1000), 'Up time': `${seconds} [sec]` } };
    },
  },
  { names: ['version'], parameters: [[]], help: 'shows the version', run: (node) => ({ result: { Server: `sipcap (${node.version})` } }) },
  {
    names: ['reload'],
    parameters: [[]],
    help: 'reloads the configuration; with errors the previous one stays',
    async run(node) {
      const why = await node.reload();
      return why === '' ? OK : { error: { code: 500, message: why } };
    },
  },
  { names: ['spool'], parameters: [[]], help: 'shows what waits for databases and targets', run: (node) => ({ result: node.spool() }) },
  {
    names: ['help'],
    parameters: [[], ['mi_cmd']],
    help: 'describes a command',
    run(_, [name]) {
      if (name === undefined) return { result: Object.fromEntries(COMMANDS.map(({ names, help }) => [names[0], help])) };
      const command = commandNamed(String(name));
      return command === null
        ? { error: { code: 404, message: 'unknown MI command' } }
        : { result: { Help: command.help, 'Exported by': 'sipcapture' } };
    },
  },
];

/** Aliases of parameters. */
const ALIASES: Readonly<Record<string, string>> = { trace_mode: 'capture_mode' };

export function commandNamed(name: string): Command | null {
  return COMMANDS.find(({ names }) => names.includes(name)) ?? null;
}

/** Runs a command with its parameters by place or by name (JSON-RPC 2.0 section 4.2); `now` in microseconds since 1970. */
export async function runCommand(node: ManagedNode, name: string, parameters: MiParameters, now: number): Promise<MiAnswer> {
  const command = commandNamed(name);
  if (command === null) return { error: { code: -32601, message: 'Method not found' } };
  let values: readonly MiValue[];
  if (Array.isArray(parameters)) {
    values = parameters as readonly MiValue[];
    if (!command.parameters.some((list) => list.length === values.length)) return invalid('Too few or too many parameters');
  } else {
    const given = Object.entries(parameters as Record<string, MiValue>).map(([key, value]) => [ALIASES[key] ?? key, value] as const);
    const list = command.parameters.find(
      (names) => names.length === given.length && names.every((each) => given.some(([key]) => key === each)),
    );
    if (list === undefined) return invalid('Named parameters do not match');
    values = list.map((each) => given.find(([key]) => key === each)![1]);
  }
  try {
    return await command.run(node, values, now);
  } catch (error) {
    return { error: { code: -32000, message: 'Server error', data: (error as Error).message } };
  }
}

function invalid(data: string): MiAnswer {
  return { error: { code: -32602, message: 'Invalid params', data } };
}

function switchOf(value: MiValue): boolean | null {
  const text = String(value).toLowerCase();
  if (text === 'on' || text === '1' || text === 'true') return true;
  return text === 'off' || text === '0' || text === 'false' ? false : null;
}
