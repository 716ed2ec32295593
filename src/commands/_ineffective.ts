/** Flags without effect unless another is given: a warning, so that the mistake is noticed. One table for all commands. */
interface Rule {
  flags: readonly string[];
  /** One of these must be given: a flag or argument, `flag=value`, or `flag~part of a value`. Does not apply to commands that have none of them. */
  needs: readonly string[];
  /** What to add to the command line. */
  add: string;
}

const TABLE_FLAGS = [
  'table',
  'report-table',
  'report-shape',
  'table-time',
  'capture-node',
  'custom-field1',
  'custom-field2',
  'custom-field3',
];

const RULES: readonly Rule[] = [
  {
    flags: [
      ...TABLE_FLAGS,
      'date',
      'column',
      'partition',
      'batch-rows',
      'quarantine',
      'shape',
      'data-header',
      'aleg-header',
      'sip-table',
      'again',
    ],
    needs: ['db'],
    add: 'a database (--db URL)',
  },
  { flags: ['rotate-size', 'rotate-seconds', 'rotate-count', 'compress', 'keep'], needs: ['write'], add: 'a file (-w FILE)' },
  {
    flags: [
      'hep-version',
      'hep-id',
      'hep-name',
      'hep-key',
      'hep-correlation',
      'hep-compress',
      'hep-identity',
      'no-hep-identity',
      'hep-rate',
      'target-ca',
      'target-cert',
      'target-key',
    ],
    needs: ['hep', 'to'],
    add: 'a target (--hep TARGET)',
  },
  { flags: ['target-ca', 'target-cert', 'target-key'], needs: ['hep~tls:', 'to~tls:'], add: 'a TLS target (hep_tls:host:port)' },
  { flags: ['spool'], needs: ['hep', 'db', 'to'], add: 'a database or target (--db URL, --hep TARGET)' },
  { flags: ['spool-sync', 'spool-rate', 'spool-max-size', 'spool-max-age'], needs: ['spool'], add: 'a spool (--spool DIR)' },
  { flags: ['hep-route', 'script-version', 'unknown-functions'], needs: ['route'], add: 'a script (--route FILE)' },
  {
    flags: ['promiscuous', 'snap-length', 'buffer-size', 'give-up', 'user'],
    needs: ['interface', 'show-filter'],
    add: 'an interface (-i IF)',
  },
  { flags: ['duration'], needs: ['interface', 'hep-listen'], add: 'a live input (-i IF, --hep-listen ENDPOINT)' },
  { flags: ['port', 'parse-hep'], needs: ['read', 'file', 'interface', 'show-filter'], add: 'files or an interface (-r FILE, -i IF)' },
  {
    flags: [
      'allow',
      'tls-cert',
      'tls-key',
      'tls-client-ca',
      'max-connections',
      'max-peer-connections',
      'header-timeout',
      'auth-key',
      'accept-repeats',
    ],
    needs: ['hep-listen', 'from'],
    add: 'a listener (--hep-listen ENDPOINT)',
  },
  {
    flags: ['tls-cert', 'tls-key', 'tls-client-ca'],
    needs: ['hep-listen~tls:', 'from~tls:', 'listener~tls:'],
    add: 'a TLS listener (hep_tls:host:port)',
  },
  { flags: ['csv-raw'], needs: ['format=csv'], add: '--format csv' },
  { flags: ['source', 'destination', 'time-field'], needs: ['lines', 'payload'], add: '--lines or --payload' },
  { flags: ['patience'], needs: ['drain'], add: '--drain' },
  { flags: ['token'], needs: ['http'], add: '--http URL' },
  { flags: ['reply-directory'], needs: ['fifo', 'datagram'], add: '--fifo PATH or --datagram SOCKET' },
  { flags: ['force'], needs: ['set'], add: '--set CHUNK=VALUE' },
  { flags: ['ascii', 'width', 'all'], needs: ['format=text'], add: '--format text' },
];

type Known = Readonly<Record<string, { char?: string }>>;

interface Parsed {
  flags: object;
  args: object;
  argv: readonly unknown[];
  raw: readonly { type: string; flag?: string }[];
}

/** Only flags on the command line: those from the environment or a file may be for other commands. */
export function warnIneffective({ flags, args, argv, raw }: Parsed, known: Known, bin: string): void {
  const given = new Set(raw.flatMap(({ type, flag }) => (type === 'flag' && flag !== undefined ? [flag] : [])));
  const [argument] = Object.keys(args);
  const values = argument === undefined ? flags : { ...flags, [argument]: argv };
  const names = new Set([...Object.keys(known), ...(argument === undefined ? [] : [argument])]);
  for (const line of ineffective(given, values as Record<string, unknown>, names, known)) process.stderr.write(`${bin}: ${line}\n`);
}

/** A line for each violated rule. */
function ineffective(given: ReadonlySet<string>, values: Record<string, unknown>, names: ReadonlySet<string>, known: Known): string[] {
  const reported = new Set<string>();
  return RULES.flatMap(({ flags, needs, add }) => {
    const mine = flags.filter((flag) => given.has(flag) && !reported.has(flag));
    const possible = needs.filter((need) => names.has(/^[a-z-]+/.exec(need)![0]));
    if (mine.length === 0 || possible.length === 0 || possible.some((need) => isMet(need, values))) return [];
    mine.forEach((flag) => reported.add(flag));
    const list = mine.map((flag) => (known[flag]?.char === undefined ? `--${flag}` : `-${known[flag].char}`));
    const subject = list.length === 1 ? `${list[0]} has` : `${list.slice(0, -1).join(', ')} and ${list[list.length - 1]} have`;
    return [`${subject} no effect without ${add}`];
  });
}

function isMet(need: string, values: Record<string, unknown>): boolean {
  const [, name, sign, text] = /^([a-z-]+)([=~]?)(.*)$/.exec(need)!;
  const all = [values[name]].flat().filter((value) => value !== undefined && value !== false && value !== '');
  if (sign === '=') return all.includes(text);
  return sign === '~' ? all.some((value) => String(value).includes(text)) : all.length > 0;
}
