/** The ladder as one JSON object; schema/ladder.schema.json documents every member. */
import { timeText } from '../../base/index.js';
import { callJson } from '../summary/call-members.js';
import { endsOf } from './build-ladder.js';
import type { Ladder, LadderMessage } from './ladder.js';

export const LADDER_SCHEMA = 'ladder.schema.json';

export function ladderJson(ladder: Ladder): Record<string, unknown> {
  return {
    schema: LADDER_SCHEMA,
    calls: ladder.calls.map(callJson),
    participants: ladder.participants.map(({ label, endpoints }, id) => ({ id, label, endpoints })),
    legs: ladder.legs.map(({ callId, why, value, guess }) => ({ callid: callId, why, value, guess })),
    messages: ladder.messages.map((message) => messageJson(message, ladder)),
    partial: ladder.partial === '' ? null : ladder.partial,
  };
}

function messageJson(row: LadderMessage, { legs }: Ladder): Record<string, unknown> {
  const { source, destination } = endsOf(row.message);
  const { payload } = row.message;
  const text = payload.toString('utf8');
  return {
    n: row.n,
    time: `${timeText(row.at).replace(' ', 'T')}Z`,
    micro_ts: row.at,
    delta_us: row.delta,
    from: row.from,
    to: row.to,
    source,
    destination,
    callid: legs[row.leg]?.callId ?? row.message.sip!.callId,
    label: row.label,
    type: row.isReply ? 'reply' : 'request',
    what: row.what,
    cseq: row.cseq,
    transaction: row.transaction,
    retransmission_of: row.retransmissionOf === 0 ? null : row.retransmissionOf,
    times: row.times,
    seen_by: row.seenBy,
    sdp: row.sdp,
    notes: row.notes,
    ...(Buffer.from(text).equals(payload) ? { msg: text } : { msg_base64: payload.toString('base64') }),
  };
}
