/**
 * A Kamailio capture node to a draft: parameters of sipcapture and siptrace, and the sockets that receive HEP.
 * Routes are not converted: their language is different.
 */
import { Source } from '../route/index.js';
import type { Draft, Spot } from './draft.js';
import { preprocessed } from './kamailio-preprocessor.js';
import { meaningOf, opensipsUrl } from './opensips-parameters.js';

interface Parameter {
  module: string;
  name: string;
  value: string;
  spot: Spot;
}

/** Why parameters of sipcapture and siptrace are not converted. */
const REASONS: Readonly<Record<string, string>> = {
  insert_retries: 'rows wait until the database takes them',
  insert_retry_timeout: 'rows wait until the database takes them',
  db_insert_mode: 'rows are always written in batches',
  nonsip_hook: 'what is not SIP is stored in rtcp_table_name',
  mt_mode: 'messages go to one table',
  hash_source: 'messages go to one table',
  capture_mode: 'there is one table for all messages; for another database of all messages see databases',
  callid_aleg_header: 'the header is always X-CID',
  trace_on: 'set live.interfaces to capture what this node sends and receives',
  trace_mode: 'set live.interfaces to capture what this node sends and receives',
  table: 'sip_trace has other columns than sip_capture',
  db_url: 'sip_trace has other columns than sip_capture',
};

/** Returns what was omitted, with line numbers. */
export function readKamailio(source: Source, draft: Draft): string[] {
  const { text, routes, ignored } = preprocessed(source.text);
  // Definitions change the length of lines: only the line of a position is known.
  const shown = new Source(source.name, text);
  const spotAt = (index: number): Spot => {
    const place = source.linePlace(shown.lineColumn(index).line);
    return { kind: 'file', source, name: place, value: place };
  };
  const left: string[] = ignored.map(({ line, text: directive }) => `line ${line}: ${directive}: not understood`);
  draft.tree.capture_on = 'off';
  draft.tree.hep_capture_on = 'off';
  const parameters = parametersIn(text, spotAt);
  for (const parameter of parameters) {
    const why = taken(parameter, parameters, draft);
    if (why !== '') left.push(`line ${lineOf(parameter.spot)}: ${parameter.name} of ${parameter.module}: ${why}`);
  }
  left.push(...readSockets(text, spotAt, draft));
  const modules = [...text.matchAll(/\bloadmodule[ \t]*\(?[ \t]*"(?:[^"\n]*\/)?([^"\n/]*?)(?:\.so)?"/g)].map((match) => match[1]);
  const others = modules.filter((name) => !['sipcapture', 'siptrace', 'db_mysql', 'db_postgres', 'db_sqlite'].includes(name));
  if (others.length > 0) left.push(`modules: ${others.join(', ')}`);
  const globals = [...text.matchAll(/^[ \t]*([a-z][\w.]*)[ \t]*=(?!=)/gm)].map((match) => match[1]);
  const unused = [...new Set(globals)].filter((name) => !['listen', 'port', 'socket'].includes(name));
  if (globals.includes('socket')) left.push('socket = { ... }: write socket: hep_udp:ADDRESS:PORT');
  if (unused.length > 0) left.push(`parameters of Kamailio itself: ${unused.join(', ')}`);
  if (routes.length > 0) {
    left.push(`routes, whose language does not run here: ${routes.join(', ')}`);
    left.push('without routes every SIP message is stored; to choose, write route: | in the route language of OpenSIPS');
  }
  return left;
}

function parametersIn(text: string, spotAt: (index: number) => Spot): Parameter[] {
  const found: Parameter[] = [];
  const pattern = /\bmodparam[ \t]*\(\s*"([^"\n]*)"\s*,\s*"([^"\n]*)"\s*,\s*("(?:[^"\\]|\\.)*"|[^\s)"]+)\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const [, modules, name, written] = match;
    const value = written.startsWith('"') ? written.slice(1, -1).replace(/\\(.)/g, '$1') : written;
    for (const module of modules.split('|')) {
      if (module === 'sipcapture' || module === 'siptrace') found.push({ module, name, value, spot: spotAt(match.index) });
    }
  }
  return found;
}

/** '' if it was converted, else why not. */
function taken(parameter: Parameter, all: readonly Parameter[], draft: Draft): string {
  return parameter.module === 'sipcapture' ? takenCapture(parameter, draft) : takenTrace(parameter, all, draft);
}

function takenCapture({ name, value, spot }: Parameter, draft: Draft): string {
  const meaning = REASONS[name] !== undefined && name !== 'db_url' ? null : meaningOf('sipcapture', name);
  if (meaning === null) return REASONS[name] ?? 'no such setting';
  if (meaning.kind === 'idle') return meaning.why;
  if (meaning.kind === 'column') draft.set(`columns.${meaning.ours}`, value, spot);
  else if (meaning.kind === 'item') draft.add(meaning.path, value, spot);
  else if (meaning.path === 'db_url') draft.set('db_url', opensipsUrl(value), spot);
  else if (meaning.path === 'table_name' && value.includes('|')) {
    draft.set('table_name', value.slice(0, value.indexOf('|')), spot);
    return `one table: ${value.slice(0, value.indexOf('|'))} of ${value}`;
  } else draft.set(meaning.path, value, spot);
  return '';
}

function takenTrace({ name, value, spot }: Parameter, all: readonly Parameter[], draft: Draft): string {
  switch (name) {
    case 'duplicate_uri': {
      if (!all.some((one) => one.module === 'siptrace' && one.name === 'hep_mode_on' && one.value === '1'))
        return 'hep_mode_on is not 1, and only HEP is sent here';
      const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;[\]]+)(?::(\d+))?((?:;[^;]*)*)$/i.exec(value.trim());
      if (match === null) return 'not understood';
      const transport = /;transport=(udp|tcp|tls)\b/i.exec(match[3])?.[1].toLowerCase() ?? 'udp';
      draft.add('hep_targets', `hep_${transport}:${match[1]}${match[2] === undefined ? '' : `:${match[2]}`}`, spot);
      return '';
    }
    case 'hep_mode_on':
      return '';
    case 'hep_version':
      draft.set('target.version', value, spot);
      return '';
    case 'hep_capture_id':
      draft.set('hep_capture_id', value, spot);
      return '';
    case 'auth_key':
      draft.set('target.auth_key', value, spot);
      return '';
    default:
      return REASONS[name] ?? 'no such setting';
  }
}

/** `listen=udp:10.0.0.1:9060 advertise ...`; Kamailio receives HEP at the sockets of SIP. */
function readSockets(text: string, spotAt: (index: number) => Spot, draft: Draft): string[] {
  const left: string[] = [];
  const isHep = ['1', 'yes', 'on'].includes(String(draft.get('hep_capture_on')));
  const port = /^[ \t]*port[ \t]*=[ \t]*(\d+)/m.exec(text);
  let count = 0;
  for (const match of text.matchAll(/^[ \t]*listen[ \t]*=[ \t]*([^\s;]+)/gm)) {
    const spot = spotAt(match.index);
    const written = match[1].replace(/^["']|["']$/g, '');
    const parts = /^(?:(udp|tcp|tls|sctp):)?(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(written);
    const transport = parts?.[1]?.toLowerCase() ?? 'udp';
    count++;
    if (!isHep) left.push(`line ${lineOf(spot)}: listen ${written}: hep_capture_on is not 1, and SIP itself is not received here`);
    else if (parts === null || transport === 'sctp' || !/[.:*]|^localhost$/.test(parts[2]))
      left.push(`line ${lineOf(spot)}: listen ${written}: write socket: hep_udp:ADDRESS:PORT`);
    else draft.add('socket', `hep_${transport}:${parts[2].replace(/^\*$/, '0.0.0.0')}:${parts[3] ?? port?.[1] ?? '5060'}`, spot);
  }
  if (count === 0 && isHep && port !== null) draft.add('socket', `hep_udp:0.0.0.0:${port[1]}`, spotAt(port.index));
  return left;
}

function lineOf({ source, name }: Spot): number {
  return source.lineColumn(name.from).line;
}
