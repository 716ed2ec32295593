/**
 * The streams of capture files in a database: known ones by their content, new ones under a free name. A stream belongs
 * to a file as read with certain settings behind a certain file (a message may begin in the one before it). Where others
 * have stored some of the same file, what this run finds is compared with the rows that are there.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Position } from '../../base/index.js';
import type { CaptureFiles } from '../../capture/file/index.js';
import type { Store } from '../../store/index.js';
import type { FilePosition } from './position-tracker.js';

/** `capture:<head>:<settings>.<head of the file before>:<number>` */
const PREFIX = 'capture:';
/** Streams of earlier versions: `file:<settings>:<head>:<number>`. */
const OLD_PREFIX = 'file:';
const NONE_BEFORE = '0';

interface KnownStream {
  stream: string;
  sequence: number;
  position: Position;
  isBeginning: boolean;
}

/** Sets `sequences` for the streams that the database knows. */
export async function findFileStreams(
  store: Store,
  files: CaptureFiles,
  settings: string,
  again: boolean,
  sequences: Map<string, number>,
): Promise<FilePosition[]> {
  const settingsKey = shortDigest(settings);
  const positions: FilePosition[] = [];
  /** Streams of files of this run: each moves one. */
  const given = new Set<string>();
  let before = NONE_BEFORE;
  for (const [index, head] of files.heads.entries()) {
    if (head === '') {
      positions.push({ stream: randomUUID(), resume: null });
      continue;
    }
    const prefix = `${PREFIX}${headKey(head)}:${settingsKey}.`;
    const known = again ? [] : await knownStreams(store, files, index, head);
    // Behind no other file nothing can be found that was not found behind one.
    const isOwn = ({ stream }: KnownStream) => stream.startsWith(before === NONE_BEFORE ? prefix : `${prefix}${before}:`);
    const own = known.filter((each) => isOwn(each) && !each.isBeginning && !given.has(each.stream)).sort(byBytes);
    const chosen = own.at(-1);
    const others = known.filter((each) => !own.includes(each));
    const stream = chosen?.stream ?? (await freeName(store, `${prefix}${before}:`, given));
    given.add(stream);
    if (chosen !== undefined) sequences.set(stream, chosen.sequence);
    positions.push({
      stream,
      resume: chosen?.position ?? null,
      compared: others.length > 0,
      tails: others.map(({ position }) => position.tail),
    });
    before = shortDigest(head);
  }
  return positions;
}

/** The streams that stored some of this very file. */
async function knownStreams(store: Store, files: CaptureFiles, index: number, head: string): Promise<KnownStream[]> {
  const states = [...(await store.streams(`${PREFIX}${headKey(head)}:`)), ...(await store.streams(OLD_PREFIX, `:${headKey(head)}:`))];
  const parsed = states.map(({ position }) => JSON.parse(position) as Position);
  const relations = await files.relations(index, parsed);
  return states.flatMap(({ stream, sequence }, at) =>
    relations[at] === 'other' ? [] : [{ stream, sequence, position: parsed[at], isBeginning: relations[at] === 'beginning' }],
  );
}

/** Another file that merely begins alike is another stream; so is the same file stored again. */
async function freeName(store: Store, prefix: string, given: ReadonlySet<string>): Promise<string> {
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
