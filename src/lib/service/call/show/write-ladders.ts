/** Ladders on standard output, in the requested format. */
import { printable, safeJson, type Environment } from '../../../base/index.js';
import {
  MAX_SVG_MESSAGES,
  buildLadder,
  ladderHtml,
  ladderJson,
  ladderSvg,
  ladderText,
  legLetter,
  mermaid,
  type CallSummary,
  type LaneBy,
  type Ladder,
  type Names,
} from '../../../calls/index.js';
import type { Zone } from '../../../base/time/index.js';
import { faxJson, streamJson } from '../../../media/index.js';
import { terminalPaint } from '../../../pipeline/output/terminal-colors.js';
import { CHART_HEIGHT, streamCharts } from '../media/stream-charts.js';
import { worstMoments } from '../media/worst-moments.js';
import { startOf, type FoundCall } from './find-calls.js';
import { qualityJsonOf, qualityText } from './quality-text.js';

export type LadderForm = 'text' | 'mermaid' | 'svg' | 'html' | 'json';

export interface WriteOptions {
  format: LadderForm;
  ascii: boolean;
  width: number;
  verbose: boolean;
  unfold: boolean;
  by: LaneBy;
  names: Names | null;
  times: Zone;
  /** Shards of the database that did not answer. */
  missingShards?: readonly string[];
}

/** Without a terminal. */
const PIPE_COLUMNS = 160;

/** False if the format cannot hold the result, which is logged. */
export async function writeLadders(found: readonly FoundCall[], options: WriteOptions, env: Environment): Promise<boolean> {
  const { format, times } = options;
  if (format !== 'text' && format !== 'json' && found.length > 1) {
    env.log.error(`${found.length} calls: --format ${format} holds one picture; name one Call-ID, or use --latest`);
    return false;
  }
  const pieces: string[] = [];
  for (const each of found) {
    const ladder = buildLadder({ ...each, marks: worstMoments(each.streams ?? []) }, options);
    if (format === 'json') pieces.push(`${safeJson(documentOf(ladder, each, options))}\n`);
    else if (format === 'mermaid') pieces.push(mermaidPiece(ladder, qualityText(each, times), times, env));
    else if (format === 'html')
      pieces.push(ladderHtml(ladder, titleOf(each), times, qualityText(each, times), streamCharts(each.streams ?? [], times)));
    else if (format === 'text') pieces.push(await textPiece(ladder, each, options, env));
    else if (ladder.messages.length > MAX_SVG_MESSAGES) {
      env.log.error(`${ladder.messages.length} messages are too many for one picture: use --format html, or choose fewer with filters`);
      return false;
    } else pieces.push(ladderSvg(ladder, titleOf(each), times, svgFooter(each, times)));
  }
  await new Promise<void>((done) => env.stdout.write(pieces.join(format === 'text' ? '\n' : ''), () => done()));
  return true;
}

function documentOf(ladder: Ladder, found: FoundCall, { missingShards = [] }: WriteOptions): Record<string, unknown> {
  const { streams = [], faxes = [] } = found;
  const media = { streams: streams.map(streamJson), fax: faxes.map(faxJson) };
  const missing = missingShards.length > 0 ? { missing_shards: missingShards } : {};
  return { ...ladderJson(ladder), ...qualityJsonOf(found), ...media, ...missing };
}

function svgFooter({ streams = [] }: FoundCall, times: Zone) {
  if (streams.length === 0) return null;
  return { height: streams.length * CHART_HEIGHT, draw: (y: number, width: number) => streamCharts(streams, times, y, width) };
}

/** What was measured of the media, as notes. */
function mermaidPiece(ladder: Ladder, quality: string, times: Zone, env: Environment): string {
  const measured = quality.split('\n').filter((line) => /^(?:RTP|T\.38) /.test(line));
  const { text, leftOut } = mermaid(ladder, times, measured);
  if (leftOut > 0) env.log.warn(`a Mermaid diagram holds 50,000 characters: ${leftOut} messages are left out`);
  return text;
}

async function textPiece(ladder: Ladder, found: FoundCall, options: WriteOptions, env: Environment): Promise<string> {
  const { times, ascii, verbose } = options;
  const paint = await terminalPaint(env.colour);
  const width = options.width > 0 ? options.width : ((env.stdout as { columns?: number }).columns ?? PIPE_COLUMNS);
  const quality = qualityText(found, times);
  const lines = ladder.calls.map((call) => headline(call, ladder));
  if (lines.length === 0) lines.push(...found.legs.map(({ callId }) => `${printable(callId)}: no SIP messages`));
  lines.push(`${times.text(startOf(found)).slice(0, 10)}, times in ${times.label}`);
  if (ladder.partial !== '') lines.push(`not all: ${ladder.partial}`);
  const text = ladder.messages.length === 0 ? '' : ladderText(ladder, { width, ascii, paint, times, verbose });
  return [`${lines.join('\n')}\n`, text, quality].filter((part) => part !== '').join('\n');
}

function headline(call: CallSummary, { legs }: Ladder): string {
  const at = legs.findIndex(({ callId }) => callId === call.callId);
  const leg = legs[at];
  const letter = legs.length > 1 ? `${legLetter(Math.max(0, at))}  ` : '';
  const why = leg === undefined || leg.why === '' ? '' : leg.guess ? `  [a guess: ${leg.value}]` : `  [${leg.why}: ${leg.value}]`;
  const talking = call.talkingMs === null ? '' : `, talking ${(call.talkingMs / 1000).toFixed(1)} s`;
  const status = call.status === 0 ? '' : `, ${call.status} ${call.reason}`;
  const flags = call.flags.length === 0 ? '' : `, ${call.flags.map(flagText).join(', ')}`;
  return printable(
    `${letter}${call.callId}  ${partyOf(call.fromUser, call.fromDomain)} > ${partyOf(call.toUser, call.toDomain)}: ${call.state}${status}${talking}${flags}${why}`,
  );
}

function flagText(flag: string): string {
  return flag === 'no-bye' ? 'no BYE: still up, or its BYE was not captured' : flag;
}

function partyOf(user: string, domain: string): string {
  return user === '' ? domain || '-' : `${user}@${domain}`;
}

function titleOf({ calls, legs }: FoundCall): string {
  const call = calls.at(0);
  if (call === undefined) return `${legs[0].callId}: no SIP messages`;
  return `${partyOf(call.fromUser, call.fromDomain)} → ${partyOf(call.toUser, call.toDomain)}, ${call.state}${call.status === 0 ? '' : ` (${call.status} ${call.reason})`}`;
}
