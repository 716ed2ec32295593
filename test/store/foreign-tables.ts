/**
 * Tables as OpenSIPS, Kamailio and Homer 5 make them, rebuilt from what is known of their columns: names, widths,
 * which may be NULL and which have no default, engine, character set, keys, partitions.
 */
import type { Message } from '../../src/lib/base/index.js';

/** Columns that all of them have: name, width (0: a number), whether there is a default. */
const COLUMNS: readonly [string, number, boolean][] = [
  ['method', 50, true],
  ['reply_reason', 100, false],
  ['ruri', 200, true],
  ['ruri_user', 100, true],
  ['from_user', 100, true],
  ['from_domain', 150, true],
  ['from_tag', 64, true],
  ['to_user', 100, true],
  ['to_domain', 150, true],
  ['to_tag', 64, false],
  ['pid_user', 100, true],
  ['contact_user', 120, false],
  ['auth_user', 120, false],
  ['callid', 100, true],
  ['callid_aleg', 100, true],
  ['via_1', 256, false],
  ['via_1_branch', 80, false],
  ['cseq', 25, false],
  ['diversion', 256, false],
  ['reason', 200, false],
  ['content_type', 256, false],
  ['auth', 256, false],
  ['user_agent', 256, false],
  ['source_ip', 50, true],
  ['source_port', 0, true],
  ['destination_ip', 50, true],
  ['destination_port', 0, true],
  ['contact_ip', 60, false],
  ['contact_port', 0, true],
  ['originator_ip', 60, true],
  ['originator_port', 0, true],
  ['correlation_id', 256, true],
  ['proto', 0, true],
  ['rtp_stat', 256, false],
  ['type', 0, true],
  ['node', 125, true],
];
const KEYS = ['ruri_user', 'from_user', 'to_user', 'pid_user', 'auth_user', 'callid_aleg', 'date', 'callid'];

const mysqlColumns = COLUMNS.map(
  ([name, width, given]) =>
    `${name} ${width === 0 ? 'INT(10) UNSIGNED NOT NULL' : `VARCHAR(${width}) NOT NULL`}${given ? (width === 0 ? ' DEFAULT 0' : " DEFAULT ''") : ''}`,
);
const mysqlTable = (
  additional: string[],
  msg: string,
  end: string,
) => `CREATE TABLE sip_capture (id BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT,
date TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00', micro_ts BIGINT(18) NOT NULL DEFAULT 0, ${[...mysqlColumns, ...additional].join(',')},
family INT(1) DEFAULT NULL, msg ${msg} NOT NULL, PRIMARY KEY (id, date), ${KEYS.map((key) => `KEY ${key} (${key})`).join()}) ${end}
PARTITION BY RANGE (UNIX_TIMESTAMP(date)) (PARTITION pmax VALUES LESS THAN MAXVALUE)`;

export const FOREIGN_MYSQL: Readonly<Record<string, string>> = {
  OpenSIPS: mysqlTable([], 'TEXT', 'ENGINE=MyISAM DEFAULT CHARSET=utf8'),
  'older OpenSIPS': mysqlTable([], 'VARCHAR(1500)', 'ENGINE=MyISAM DEFAULT CHARSET=latin1')
    .replace(' auth VARCHAR', ' authorization VARCHAR')
    .replace(/(from|to)_domain VARCHAR\(150\) NOT NULL DEFAULT '',|correlation_id VARCHAR\(256\) NOT NULL DEFAULT '',/g, ''),
  Kamailio: mysqlTable(["ruri_domain VARCHAR(150) NOT NULL DEFAULT ''"], 'TEXT', 'ENGINE=InnoDB DEFAULT CHARSET=utf8'),
  'Homer 5': mysqlTable(
    [
      "ruri_domain VARCHAR(150) NOT NULL DEFAULT ''",
      'expires INT(5) NOT NULL',
      ...[1, 2, 3].map((n) => `custom_field${n} VARCHAR(120) NOT NULL`),
    ],
    'VARCHAR(3000)',
    'ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 DEFAULT CHARSET=utf8',
  ),
};

export const FOREIGN_POSTGRESQL: Readonly<Record<string, string>> = {
  Kamailio: `CREATE TABLE sip_capture (id SERIAL NOT NULL, date TIMESTAMP WITHOUT TIME ZONE DEFAULT '1900-01-01 00:00:01' NOT NULL, micro_ts BIGINT DEFAULT 0 NOT NULL,
${COLUMNS.map(([name, width, given]) => `${name} ${width === 0 ? 'INTEGER' : `VARCHAR(${width})`} NOT NULL${given ? ` DEFAULT ${width === 0 ? '0' : "''"}` : ''}`).join(',')},
family SMALLINT, msg VARCHAR(1500) NOT NULL, PRIMARY KEY (id, date))`,
  'addresses as inet, times as text':
    'CREATE TABLE sip_capture (id BIGSERIAL PRIMARY KEY, date TEXT, source_ip INET, originator_ip INET, callid TEXT, msg TEXT, ruri_domain JSONB, type SMALLINT)',
};

const quoted = (value: unknown) => (typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`);

/** An INSERT as the module of a SIP server writes it: its columns, every one named, its own idea of local time. */
export function insertOf(message: Message, offsetHours: number, more: Record<string, string | number>): string {
  const text = message.payload.toString();
  const [start] = text.split('\r\n');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1].trim() ?? '';
  const user = (name: string) => /sip:([^@]*)@/.exec(header(name))?.[1] ?? '';
  const isReply = start.startsWith('SIP');
  const local = new Date(message.capturedAt / 1000 + offsetHours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const row: Record<string, string | number> = {
    date: local,
    micro_ts: message.capturedAt,
    method: start.split(' ')[isReply ? 1 : 0],
    reply_reason: isReply ? start.split(' ').slice(2).join(' ') : '',
    ruri: isReply ? '' : start.split(' ')[1],
    ruri_user: isReply ? '' : /sip:(.*)@/.exec(start)![1],
    from_user: user('From'),
    from_tag: 'f',
    to_user: user('To'),
    to_tag: '',
    pid_user: '',
    contact_user: '',
    auth_user: '',
    callid: header('Call-ID').slice(0, 100),
    callid_aleg: '',
    via_1: header('Via').slice(0, 256),
    via_1_branch: '',
    cseq: header('CSeq'),
    diversion: '',
    reason: '',
    content_type: '',
    auth: '',
    user_agent: header('User-Agent'),
    source_ip: message.sourceAddress,
    source_port: message.sourcePort,
    destination_ip: message.destinationAddress,
    destination_port: message.destinationPort,
    contact_ip: '',
    contact_port: 0,
    originator_ip: '',
    originator_port: 0,
    proto: 17,
    family: 2,
    rtp_stat: '',
    type: isReply ? 2 : 1,
    node: 'sbc1',
    msg: text,
    ...more,
  };
  return `INSERT INTO sip_capture (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map(quoted).join(', ')})`;
}
