/**
 * Reading back from a database with 1,000,000 messages of a day: the messages of one Call-ID, the failed calls of the last
 * hour with all their messages, all calls of the last hour, and everything in time order; seconds and memory, each
 * in a process of its own. And the commands that do so, from their start to their end.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databases } from './db.mjs';
import { line, median, roundsOf } from './measure.mjs';
import { sipcap } from './program.mjs';

const CALLS = Number(process.env.SIPCAP_BENCH_CALLS ?? 143_000);
const ONLY = process.env.SIPCAP_BENCH_DATABASE ?? '';
const DAY = 86_400e6;
const FIRST = 1_700_000_000e6;
const HOUR = 3600e6;
const TABLE = process.env.SIPCAP_BENCH_TABLE ?? `bench_read_${process.pid}`;
const own = fileURLToPath(import.meta.url);

/** What is read, with the target in seconds; 0 for none. */
const WORKS = [
  ['one Call-ID', 0.3],
  ['failed calls of the last hour', 2],
  ['calls of the last hour', 0],
  ['one user', 0],
  ['everything', 0],
];
const MAX_RSS = 300;
/** Runs of each command; the median counts. */
const ROUNDS = roundsOf(5);
/** The query, with the target in seconds and the exit code. */
const HOUR_AGO = ['--since', '2023-11-15 21:13:20', '--tz', 'UTC'];
const COMMANDS = [
  [['call', 'show', '{callid}'], 0.3, 0],
  [['call', 'list', '--failed', ...HOUR_AGO], 2, 0],
  [['call', 'list', ...HOUR_AGO], 0, 0],
  [['call', 'stats', ...HOUR_AGO, '--by', 'status'], 0, 0],
  [['call', 'show', 'nobody@127.0.0.1'], 0.3, 5],
];

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-bench-'));
  for (const { name, url } of databases(folder)) {
    if (ONLY !== '' && name !== ONLY) continue;
    if (process.env.SIPCAP_BENCH_TABLE === undefined) line(`${name}: stored`, `${(await store(url)).toLocaleString('en-US')} messages`);
    for (const [work, target] of WORKS) {
      const { seconds, cpu, rss, messages } = JSON.parse(output([own, work, url]));
      const wanted = target === 0 ? '' : ` (target: ${target} s)`;
      line(
        `${name}: ${work}`,
        `${seconds.toFixed(3)} s${wanted}, CPU of the client ${cpu.toFixed(2)} s, ${messages.toLocaleString('en-US')} messages, ${rss} MB (target: ${MAX_RSS} MB)`,
        { s: seconds, 's CPU': cpu, MB: rss },
      );
    }
    for (const command of COMMANDS) measureCommand(name, url, command);
  }
  rmSync(folder, { recursive: true });
}

function measureCommand(name, url, [args, target, status]) {
  const words = args.map((word) => word.replace('{callid}', callIdOf(CALLS >> 1)));
  const runs = Array.from({ length: ROUNDS }, () => sipcap([...words, '--db', url, '--table', TABLE], { output: true }));
  const wrong = runs.find((run) => run.status !== status);
  if (wrong !== undefined) throw new Error(`${words.join(' ')} ended with ${wrong.status}: ${wrong.stderr}`);
  const lines = runs[0].stdout.split('\n').length - 1;
  const wanted = target === 0 ? '' : ` (target: ${target} s)`;
  line(
    `${name}: ${args.filter((word) => !/^(?:UTC|--tz)$/.test(word)).join(' ')}`,
    `${median(runs.map(({ seconds }) => seconds)).toFixed(2)} s${wanted}, CPU of the client ${median(runs.map(({ cpu }) => cpu)).toFixed(2)} s, ${lines} lines, ${Math.max(...runs.map(({ megabytes }) => megabytes))} MB (target: ${MAX_RSS} MB)`,
    { s: median(runs.map(({ seconds }) => seconds)), 's CPU': median(runs.map(({ cpu }) => cpu)) },
  );
}

function output(args) {
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, SIPCAP_BENCH_TABLE: TABLE } });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return ended.stdout.trim().split('\n').pop();
}

const callIdOf = (call) => `${((call * 2_246_822_519) % 4_294_967_296).toString(16)}-${call}@127.0.0.1`;

/** Seven messages a call, the calls spread evenly over the day, one in ten refused. */
function* messagesOf(call) {
  const failed = call % 10 === 0;
  const starts = failed
    ? ['INVITE', '100 Trying', '180 Ringing', '486 Busy Here', 'ACK', 'OPTIONS', '200 OK']
    : ['INVITE', '100 Trying', '180 Ringing', '200 OK', 'ACK', 'BYE', '200 OK'];
  const at = FIRST + Math.floor((call / CALLS) * DAY);
  for (const [i, start] of starts.entries()) {
    const user = `49301${String(call % 20_000).padStart(7, '0')}`;
    const cseq = i < 5 ? (start === 'ACK' ? '1 ACK' : '1 INVITE') : failed ? '2 OPTIONS' : '2 BYE';
    const text = [
      /^\d/.test(start) ? `SIP/2.0 ${start}` : `${start} sip:4930200@127.1.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-${call}-${i < 5 ? 1 : 2}`,
      'Max-Forwards: 69',
      `From: <sip:${user}@carrier.example>;tag=f${call}`,
      `To: <sip:4930200@carrier.example>${i < 2 ? '' : `;tag=t${call}`}`,
      `Call-ID: ${callIdOf(call)}`,
      `CSeq: ${cseq}`,
      `Contact: <sip:${user}@127.0.0.1:5060>`,
      'User-Agent: Bench Phone 2.4.1',
      `X-Padding: ${'p'.repeat(150)}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    yield { at: at + (i < 5 ? i * 500_000 : 60e6 + (i - 5) * 20_000), text, isReply: /^\d/.test(start) };
  }
}

export async function store(url) {
  const { loadStore } = await import('../dist/lib/store/index.js');
  const { MessageRows } = await import('../dist/lib/pipeline/output/message-rows.js');
  const { BatchRows } = await import('../dist/lib/sink/batch/batch-rows.js');
  const { parseSip } = await import('../dist/lib/sip/index.js');
  const { systemClock } = await import('../dist/lib/base/index.js');
  const rows = new MessageRows(
    {
      table: TABLE,
      reportTable: 'rtcp_capture',
      reportShape: 'homer5',
      captureNode: 'homer01',
      customFields: ['', '', ''],
      tableTime: 'packet',
      localDate: false,
    },
    systemClock,
    false,
  );
  const database = await loadStore(url);
  await database.open();
  let sequence = 0;
  let count = 0;
  let batch = new BatchRows();
  const write = async () => {
    const written = await database.write(batch.closed([{ stream: TABLE, sequence: ++sequence, position: '' }]).batch);
    if (written.outcome !== 'stored') throw new Error(JSON.stringify(written));
    batch = new BatchRows();
  };
  // In the order in which they would arrive: calls overlap.
  const pending = [];
  const emit = async (upTo) => {
    pending.sort((a, b) => a.at - b.at);
    while (pending.length > 0 && pending[0].at <= upTo) {
      const { at, text, isReply } = pending.shift();
      const payload = Buffer.from(text);
      const [source, destination] = isReply ? ['127.1.0.1', '127.0.0.1'] : ['127.0.0.1', '127.1.0.1'];
      batch.add(
        {
          capturedAt: at,
          sourceAddress: source,
          sourcePort: 5060,
          destinationAddress: destination,
          destinationPort: 5060,
          protocol: 17,
          family: 2,
          payloadType: 1,
          payload,
          captureId: -1,
          captureName: '',
          correlationId: '',
          vlan: -1,
          outerSource: '',
          outerDestination: '',
          frameNumber: 0,
          sourceIndex: 0,
          stream: 0n,
          sequence: 0,
          envelope: null,
          sip: parseSip(payload),
          frames: [],
        },
        rows,
      );
      count++;
      if (batch.rows === 1000) await write();
    }
  };
  for (let call = 0; call < CALLS; call++) {
    pending.push(...messagesOf(call));
    if (call % 100 === 99) await emit(FIRST + Math.floor((call / CALLS) * DAY));
  }
  await emit(Infinity);
  if (batch.rows > 0) await write();
  await database.close();
  return count;
}

/** One work, in this process. */
async function work(name, url) {
  const began = process.hrtime.bigint();
  const middle = callIdOf(CALLS >> 1);
  let messages = 0;
  const { MessageReader } = await import('../dist/lib/store/read/index.js');
  const { silentLog, systemClock } = await import('../dist/lib/base/index.js');
  const reader = await MessageReader.open(url, { table: TABLE, log: silentLog, clock: systemClock });
  const range = { since: FIRST + DAY - HOUR, until: null };
  for await (const batch of found(reader, name, middle, range)) messages += batch.length;
  await reader.close();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  process.stdout.write(`${JSON.stringify({ seconds, cpu, messages, rss: Math.round(maxRSS / 1024) })}\n`);
  process.exit(0);
}

async function* found(reader, name, callId, range) {
  const all = { since: null, until: null };
  if (name === 'one Call-ID') yield* reader.messages({ ...all, condition: { kind: 'is', field: 'callId', values: [callId] } });
  else if (name === 'one user') yield* reader.messages({ ...all, condition: { kind: 'is', field: 'fromUser', values: ['493010000077'] } });
  else if (name === 'everything') yield* reader.messages({ ...all, condition: null });
  else {
    const condition = name.startsWith('failed') ? { kind: 'between', field: 'method', from: '400', to: '699' } : null;
    yield* reader.messagesOfCalls((await reader.callIds({ ...range, condition }, 200_000)) ?? [], range);
  }
}

if (process.argv[1] === own) {
  if (process.argv.length > 2) await work(process.argv[2], process.argv[3]);
  else await run();
}
