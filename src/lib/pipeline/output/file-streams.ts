/**
 * The streams of capture files in a database: known ones by their content, new ones under a free name. A stream belongs
 * to a file as read with certain settings after certain files (a message may begin in an earlier one). If other streams
 * have stored some of the same file, what this run finds is compared with the existing rows.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readPosition, type Position } from '../../base/index.js';
import type { CaptureFiles } from '../../capture/file/index.js';
import type { FilePosition } from './position-tracker.js';
import type { StreamReader } from './sharded-streams.js';

/** `capture:<head>:<settings>.<heads of the files before, the nearest last>:<number>` */
const PREFIX = 'capture:';
/** Streams of earlier versions: `file:<settings>:<head>:<number>`. */
const OLD_PREFIX = 'file:';
const NONE_BEFORE = '0';
/** Number of preceding files that are distinguished: no message spans more. */
const MAX_BEFORE = 8;

interface KnownStream {
  stream: string;
  sequence: number;
  position: Position;
  isBeginning: boolean;
}

/** Sets `sequences` for the streams that the database knows. */
export async function findFileStreams(
  store: StreamReader,
  files: CaptureFiles,
  settings: string,
  again: boolean,
  sequences: Map<string, number>,
): Promise<FilePosition[]> {
  const settingsKey = shortDigest(settings);
  const positions: FilePosition[] = [];
  /** Streams of files of this run: each advances one. */
  const given = new Set<string>();
  const before: string[] = [];
  for (const [index, head] of files.heads.entries()) {
    if (head === '') {
      positions.push({ stream: randomUUID(), resume: null });
      continue;
    }
    const prefix = `${PREFIX}${headKey(head)}:${settingsKey}.`;
    const chain = before.slice(-MAX_BEFORE).join('-') || NONE_BEFORE;
    const known = again ? [] : await knownStreams(store, files, index, head);
    // After fewer files nothing can be found that was not found after more.
    const isOwn = ({ stream }: KnownStream) => stream.startsWith(prefix) && endsWithChain(stream.slice(prefix.length), chain);
    const own = known.filter((each) => isOwn(each) && !each.isBeginning && !given.has(each.stream)).sort(byBytes);
    const furthest = own.at(-1);
    const others = known.filter((each) => !own.includes(each));
    // What is found from there on depends on these files only.
    const chosen = own.filter(({ stream }) => stream.startsWith(`${prefix}${chain}:`)).at(-1);
    const stream = chosen?.stream ?? (await freeName(store, `${prefix}${chain}:`, given));
    given.add(stream);
    if (chosen !== undefined) sequences.set(stream, chosen.sequence);
    positions.push({
      stream,
      resume: furthest?.position ?? null,
      compared: others.length > 0,
      tails: others.map(({ position }) => position.tail),
    });
    before.push(shortDigest(head));
  }
  return positions;
}

/** Whether the files of a stream, `<heads>:<number>`, end with these. */
function endsWithChain(name: string, chain: string): boolean {
  const heads = name.slice(0, name.indexOf(':'));
  return chain === NONE_BEFORE || heads === chain || heads.endsWith(`-${chain}`);
}

/** The streams that stored part of this very file. */
async function knownStreams(store: StreamReader, files: CaptureFiles, index: number, head: string): Promise<KnownStream[]> {
  const states = [...(await store.streams(`${PREFIX}${headKey(head)}:`)), ...(await store.streams(OLD_PREFIX, `:${headKey(head)}:`))];
  const parsed = states.map((state) => readPosition<Position>(state));
  const relations = await files.relations(index, parsed);
  return states.flatMap(({ stream, sequence }, at) =>
    relations[at] === 'other' ? [] : [{ stream, sequence, position: parsed[at], isBeginning: relations[at] === 'beginning' }],
  );
}

/** Another file with the same beginning is another stream; so is the same file stored again. */
async function freeName(store: StreamReader, prefix: string, given: ReadonlySet<string>): Promise<string> {
  const taken = new Set((await store.streams(prefix)).map(({ stream }) => stream));
  let number = 1;
  while (taken.has(`${prefix}${number}`) || given.has(`${prefix}${number}`)) number++;
  return `${prefix}${number}`;
}

function byBytes(a: KnownStream, b: KnownStream): number {
  return a.position.bytes - b.position.bytes;
}

function headKey(head: string): string {
  return head.slice(0, 32);
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
