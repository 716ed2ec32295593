/** Summaries of session descriptions, and what changed against the previous one of the same side. */
import type { Message } from '../../base/index.js';
import { readSdp, sdpOf } from '../../sip/index.js';

interface MediaState {
  kind: string;
  endpoint: string;
  codecs: string[];
  direction: string;
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/;

export class SdpChanges {
  private readonly before = new Map<string, MediaState[]>();

  /** `side`: whose description it is. '' if there is none, or nothing changed. */
  read(side: string, message: Message): { text: string; hasSdp: boolean } {
    const sdp = sdpOf(message.sip!, message.payload);
    const media = sdp === '' ? [] : mediaOf(sdp);
    if (media.length === 0) return { text: '', hasSdp: sdp !== '' };
    const before = this.before.get(side);
    this.before.set(side, media);
    return { text: before === undefined ? media.map(mediaText).join('; ') : changes(before, media), hasSdp: true };
  }
}

function mediaOf(sdp: string): MediaState[] {
  const directions = directionsOf(sdp);
  return readSdp(sdp).map(({ kind, address, port, payloads }, i) => ({
    kind,
    endpoint: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    codecs: payloads.map(({ codec, number }) => (codec === '' ? String(number) : codec.toLowerCase() === 'telephone-event' ? 'te' : codec)),
    // RFC 3264 section 8.4: hold as signalled before RFC 3264.
    direction: port === 0 ? 'refused' : address === '0.0.0.0' ? 'inactive' : (directions[i] ?? 'sendrecv'),
  }));
}

/** One for each m= line; lines before the first apply to all. */
function directionsOf(sdp: string): string[] {
  let session = 'sendrecv';
  const directions: string[] = [];
  for (const line of sdp.split(/\r?\n|\r/)) {
    if (line.startsWith('m=')) directions.push(session);
    const match = DIRECTION.exec(line);
    if (match === null) continue;
    if (directions.length === 0) session = match[1];
    else directions[directions.length - 1] = match[1];
  }
  return directions;
}

function mediaText({ kind, endpoint, codecs, direction }: MediaState): string {
  return `${kind} ${endpoint}${codecs.length === 0 ? '' : ` ${codecs.join(',')}`}${direction === 'sendrecv' ? '' : ` ${direction}`}`;
}

function changes(before: readonly MediaState[], after: readonly MediaState[]): string {
  const texts: string[] = [];
  after.forEach((media, i) => {
    const old = before[i];
    if (old === undefined) texts.push(`added ${mediaText(media)}`);
    else if (old.kind !== media.kind) texts.push(`${old.kind}→${mediaText(media)}`);
    else texts.push(...mediaChanges(old, media));
  });
  return texts.join('; ');
}

function mediaChanges(before: MediaState, after: MediaState): string[] {
  const texts: string[] = [];
  if (before.direction !== after.direction) {
    if (after.direction === 'sendonly' || after.direction === 'inactive') texts.push(`hold (${after.direction})`);
    else if (after.direction === 'sendrecv' && before.direction !== 'refused') texts.push('resume');
    else texts.push(`${after.kind} ${after.direction}`);
  }
  if (before.codecs.join() !== after.codecs.join()) texts.push(`codec ${before.codecs.join(',')}→${after.codecs.join(',')}`);
  if (before.endpoint !== after.endpoint && !after.endpoint.startsWith('0.0.0.0:')) texts.push(`${after.kind} to ${after.endpoint}`);
  return texts;
}
