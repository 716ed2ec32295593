/** The readers of what operators, programs, disks and servers give: scripts, filters, configuration, spools, positions, requests, reports. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ledger, UsageError, silentLog, systemClock } from '../../src/lib/base/index.js';
import { answerJsonRpc } from '../../src/lib/admin/mi/json-rpc.js';
import { takeRequest } from '../../src/lib/admin/mi/fifo-request.js';
import { answerText } from '../../src/lib/admin/mi/text-protocol.js';
import type { ManagedNode } from '../../src/lib/admin/mi/commands.js';
import { qualityPoints } from '../../src/lib/calls/quality/quality-points.js';
import { parseMarks } from '../../src/lib/capture/file/marks.js';
import { Draft } from '../../src/lib/config/draft.js';
import { settingsFromText } from '../../src/lib/config/index.js';
import { readKamailio } from '../../src/lib/config/kamailio-reader.js';
import { Report } from '../../src/lib/config/problems.js';
import { validate } from '../../src/lib/config/validate.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { parseQuarantineLine, quarantineLine } from '../../src/lib/pipeline/output/quarantine.js';
import { Source } from '../../src/lib/route/index.js';
import { NO_FILTER, readFilter } from '../../src/lib/script/filter/index.js';
import { readRtcpJson, readRtpStat, readVqReport } from '../../src/lib/sip/index.js';
import { RECORD_HEP_PACKET, sealOf, segmentFileName, writeRecord, writeSegmentHeader } from '../../src/lib/format/spool/index.js';
import { SegmentReader } from '../../src/lib/sink/spool/segment-reader.js';
import { readAcknowledged } from '../../src/lib/sink/spool/acknowledged.js';
import { ClickhouseError } from '../../src/lib/store/clickhouse/faults.js';
import { TabSeparatedDecoder } from '../../src/lib/store/clickhouse/tab-separated.js';
import { hepMessage } from '../rigs/messages.js';
import { Recording, compiled } from '../route/recording.js';
import type { Reader } from './reader.js';

const sample = (path: string) => readFileSync(resolve(path));
const utf8 = (...texts: string[]) => texts.map((text) => Buffer.from(text));

/** Mistakes of an operator are UsageErrors, with a text. */
function allowed(work: () => void, isAllowed: (error: unknown) => boolean = (error) => error instanceof UsageError): void {
  try {
    work();
  } catch (error) {
    if (!isAllowed(error) || (error as Error).message === '') throw error;
  }
}

const scripts: Reader = {
  name: 'scripts',
  seeds: () => [sample('samples/capture.route'), sample('test/route/kitchen-sink.cfg').subarray(0, 3000)],
  read(bytes) {
    const { program } = compiled(bytes.toString('utf8'));
    const route = program?.route('route') ?? null;
    if (program !== null && route !== null) program.run(route, new Recording());
  },
};

const preparer = new MessagePreparer(new Ledger());
const context = { clock: systemClock, log: silentLog, stderr: { write: () => true } };
const filters: Reader = {
  name: 'filters',
  seeds: () =>
    utf8(
      'where\n$fU == "a" && ($rs >= 400 || $si == 10.0.0.0/8) && !($ua =~ "^x(y|z)+$")',
      'where\n$(hdr(Via)[-1]) != null && $proto_type == 1 && $sp > 5 && $(ru{uri.host}) =~ "a"',
      'ip\n10.0.0.0/8',
      'number\n+49 301 0000077',
      'status\n4xx,200-299',
      'match\nfriendly.*(scanner|x{1,5})',
      'since\n2026-01-15 09:00:00',
      'last\n1h30m',
      'zone\nEurope/Berlin',
      'method\nINVITE,BYE',
      'reply\nINVITE:4xx',
      'ua\nx',
    ),
  read(bytes) {
    const [name, ...rest] = bytes.toString('utf8').split('\n');
    const value = rest.join('\n');
    const isText = ['where', 'since', 'last', 'zone', 'until'].includes(name);
    allowed(() => {
      const filter = readFilter(
        {
          ...NO_FILTER,
          ...(name in NO_FILTER && name !== 'keepReports' && name !== 'wholeOnly'
            ? { [name]: isText ? value : [value] }
            : { where: value }),
        },
        context,
      );
      filter?.passes(hepMessage(), preparer);
    });
  },
};

const settings = (name: string, file: string, seeds: () => Buffer[]): Reader => ({
  name,
  seeds,
  read(bytes) {
    allowed(() => void settingsFromText(bytes.toString('utf8'), { file, environment: {}, flags: [] }));
  },
});
const yaml = settings('configuration, YAML', '/nowhere/serve.yaml', () => [
  sample('samples/serve.yaml').subarray(0, 4000),
  ...utf8(
    'socket: [hep_udp:127.0.0.1:9060]\ndb_url: sqlite:a.db\nhep_targets: ["hep_tcp:10.0.0.1"]\nspool: {directory: x, max_bytes: 1GB}\nroute: |\n  route { exit; }\n',
  ),
]);
const opensips = settings('configuration, OpenSIPS', '/nowhere/opensips.cfg', () => [sample('samples/opensips.cfg').subarray(0, 4000)]);
const kamailio: Reader = {
  name: 'configuration, Kamailio',
  seeds: () =>
    utf8(
      '#!KAMAILIO\n#!define WITH_X\n#!ifdef WITH_X\nlisten=udp:127.0.0.1:9060\n#!endif\nloadmodule "sipcapture.so"\nmodparam("sipcapture", "db_url", "mysql://a:b@c/d")\nmodparam("sipcapture", "table_name", "sip_capture")\n#!subst "/a/b/"\nrequest_route { sip_capture(); }\n',
    ),
  read(bytes) {
    const report = new Report();
    const draft = new Draft();
    const source = new Source('kamailio.cfg', bytes.toString('utf8'));
    report.for(source);
    readKamailio(source, draft);
    validate(draft, report);
    report.text(true);
  },
};

/** A folder whose files are replaced with each case. */
function inFolder(name: string, seeds: () => Buffer[], read: (folder: string, bytes: Buffer) => void): Reader {
  let folder = '';
  const made = () => (folder === '' ? (folder = mkdtempSync(join(tmpdir(), 'sipcap-fuzz-'))) : folder);
  return {
    name,
    seeds,
    read: (bytes) => read(made(), bytes),
    close() {
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
      folder = '';
    },
  };
}

const spool = inFolder(
  'spools',
  () => [spoolSeed()],
  (folder, bytes) => {
    const path = join(folder, segmentFileName(1));
    writeFileSync(path, bytes);
    let damaged = 0;
    let good = 0;
    const reader = new SegmentReader(path, (damage) => void (damaged += damage.bytes));
    let last = 0;
    for (let record = reader.next(bytes.length); record !== null; record = reader.next(bytes.length)) {
      if (record.number <= last) throw new Error(`record ${record.number} after ${last}`);
      last = record.number;
      good += record.payload.length;
    }
    reader.close();
    if (damaged + good > bytes.length) throw new Error(`${damaged} bytes damaged and ${good} good of ${bytes.length}`);
  },
);

const acknowledgements = inFolder(
  'acknowledgements of spools',
  () => utf8('next-record: 17\n', 'next-record: 9007199254740993\n'),
  (folder, bytes) => {
    writeFileSync(join(folder, 'acknowledged'), bytes);
    const number = readAcknowledged(folder);
    if (!(number >= -1)) throw new Error(`record ${number}`);
  },
);

const positions: Reader = {
  name: 'positions',
  seeds: () => utf8('0:0011223344556677,a8:8899aabbccddeeff', ''),
  read: (bytes) => void parseMarks(bytes.toString('utf8')),
};

const quarantine: Reader = {
  name: 'quarantine files',
  seeds: () =>
    utf8(quarantineLine('sip_capture', 'not yet', ['callid', 'msg'], ['late', Buffer.from('OPTIONS')]), '{"table":"t","a":1,"b":null}'),
  read: (bytes) => void parseQuarantineLine(bytes.toString('utf8')),
};

const node: ManagedNode = {
  captureOn: true,
  statistics: () => ({ 'core:rcv': 1 }),
  uptimeSeconds: () => 5,
  version: '1',
  reload: () => Promise.resolve(''),
  spool: () => ({ sqlite: 0 }),
};
const management: Reader = {
  name: 'management protocols',
  seeds: () =>
    utf8(
      '{"jsonrpc":"2.0","method":"sip_capture","params":{"capture_mode":"on"},"id":1}',
      '{"jsonrpc":"2.0","method":"which","params":["get_statistics"],"id":"x"}',
      ':get_statistics:reply_fifo\ncore:\nall\n\n',
      ':sip_capture:\noff\n\n:which::\n',
      ':uptime:fifo\n\n',
    ),
  async read(bytes) {
    const given = bytes.toString('utf8');
    await answerJsonRpc(node, given, 0);
    let rest = given;
    for (let requests = 0; ; requests++) {
      const taken = takeRequest(rest);
      if (taken === null) break;
      if (taken.rest.length >= rest.length || requests > given.length) throw new Error('a request that takes nothing');
      ({ rest } = taken);
      if (taken.request?.kind === 'text') await answerText(node, taken.request.command, taken.request.lines, 0);
      else if (taken.request !== null) await answerJsonRpc(node, taken.request.json, 0);
    }
  },
};

const reports: Reader = {
  name: 'Homer JSON and other reports',
  seeds: () =>
    utf8(
      '{"sender_information":{"ntp_timestamp_sec":1,"ntp_timestamp_usec":2,"octets":3,"rtp_timestamp":4,"packets":5},"ssrc":6,"type":200,"report_count":1,"report_blocks":[{"source_ssrc":7,"fraction_lost":8,"packets_lost":9,"highest_seq_no":10,"ia_jitter":11,"lsr":12,"dlsr":13}],"sdes_ssrc":1}',
      '{"type":"PERIODIC","CALL_ID":"a","MOS":4.1,"JITTER":2,"PACKET_LOSS":1}',
      'VQSessionReport: CallTerm\r\nCallID: a\r\nLocalMetrics:\r\nTimestamps:START=2026-01-15T09:00:00Z STOP=2026-01-15T09:01:00Z\r\nJitterBuffer:JBA=3 JBN=40\r\nPacketLoss:NLR=1.5 JDR=0.0\r\nDelay:RTD=10 IAJ=2\r\nQualityEst:MOSLQ=4.1 MOSCQ=4.0\r\n',
      'PS=1,OS=2,PR=3,OR=4,PL=5,JI=6,LA=7,EN=PCMA,DE=PCMA',
      'CS=1;PS=1;ES=2;OS=3;SP=0/0;SO=0;QS=-;PR=1;ER=2;OR=3;CR=0;SR=0;PL=0,0;BL=0;LS=0;RB=0/0;SB=-/-;EN=PCMA;DE=PCMA;JI=2,1;DL=1,2,3;IP=1.1.1.1:1,2.2.2.2:2',
    ),
  read(bytes) {
    const text = bytes.toString('utf8');
    readRtcpJson(text);
    readRtpStat(text);
    readVqReport(text);
    for (const type of [5, 32, 34, 35, 38, 99, 100]) qualityPoints(type, bytes);
  },
};

const clickhouse: Reader = {
  name: 'ClickHouse answers',
  seeds: () =>
    utf8(
      'id\tmsg\tn\tat\nUInt64\tString\tNullable(Int32)\tDateTime64(6)\n18446744073709551615\tOPTIONS\\r\\n\\\\\\0\t\\N\t2026-01-15 09:00:00.000000\n1\t\t2\t\n',
      'a\nLowCardinality(String)\nx\nCode: 241, e.displayText() = DB::Exception: Memory limit, e.what() = DB::Exception',
      'Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE) (version 23.8.1.1 (official build))\n',
    ),
  read(bytes) {
    const decoder = new TabSeparatedDecoder();
    allowed(
      () => {
        for (let at = 0; at < bytes.length; at += 40) decoder.rows(Buffer.from(bytes.subarray(at, at + 40)));
        decoder.end();
      },
      (error) => error instanceof ClickhouseError || (error as Error).message === 'incomplete response of the server',
    );
  },
};

export const TEXT_READERS: readonly Reader[] = [
  scripts,
  filters,
  yaml,
  opensips,
  kamailio,
  spool,
  acknowledgements,
  positions,
  quarantine,
  management,
  reports,
  clickhouse,
];

/** Three records behind a header with a fixed salt. */
function spoolSeed(): Buffer {
  const salt = Buffer.from('01234567');
  const bytes = Buffer.alloc(1000);
  let to = writeSegmentHeader({ firstRecord: 1, createdAt: 1_700_000_000_000_000, salt }).copy(bytes);
  for (let number = 1; number <= 3; number++)
    to = writeRecord(
      bytes,
      to,
      { type: RECORD_HEP_PACKET, flags: 0, number, recordedAt: 1_700_000_000_000_000, payload: Buffer.from(`HEP3 ${number}`) },
      sealOf(salt),
    );
  return bytes.subarray(0, to);
}
