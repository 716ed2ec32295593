/** The parts of the ladder's JSON schema that are lists of members. */

type Schema = Record<string, unknown>;

const number = (description: string): Schema => ({ type: ['number', 'null'], description });

/** A message of a ladder; it has either `msg` or `msg_base64`. */
export function ladderMessageSchema(): Schema {
  const properties: Record<string, Schema> = {
    n: { type: 'integer', description: 'Number in the picture, from 1.' },
    time: { type: 'string', description: 'Time, UTC.' },
    micro_ts: { type: 'integer', description: 'The same in microseconds since 1970.' },
    delta_us: { type: 'integer', description: 'Microseconds after the message above; negative where clocks of nodes differ.' },
    from: { type: 'integer', description: 'Participant that sends.' },
    to: { type: 'integer', description: 'Participant that receives.' },
    source: { type: 'string', description: 'Address and port.' },
    destination: { type: 'string', description: 'Address and port.' },
    callid: { type: 'string', description: 'Call-ID of its leg.' },
    label: { type: 'string', description: 'Text on the arrow.' },
    type: { enum: ['request', 'reply'] },
    what: { type: 'string', description: 'Method or status.' },
    cseq: { type: 'string' },
    transaction: { type: 'string', description: 'Branch of the topmost Via.' },
    retransmission_of: { type: ['integer', 'null'], description: 'Number of the message that was sent first (--all).' },
    times: { type: 'integer', description: 'How often it was sent.' },
    seen_by: { type: 'array', items: { type: 'string' }, description: 'Capture nodes that saw it.' },
    sdp: { type: 'string', description: 'Session description in short, or what changed in it.' },
    notes: { type: 'array', items: { type: 'string' }, description: 'What is unusual about it.' },
  };
  const required = Object.keys(properties);
  const text: Record<string, Schema> = {
    msg: { type: 'string', description: 'The message.' },
    msg_base64: { type: 'string', description: 'The message where it is not UTF-8.' },
  };
  return { type: 'object', required, additionalProperties: false, properties: { ...properties, ...text } };
}

const POINT: Readonly<Record<string, Schema>> = {
  micro_ts: { type: 'integer', description: 'Time in microseconds since 1970.' },
  loss_percent: number('Lost packets.'),
  jitter_ms: number('Jitter.'),
  round_trip_ms: number('Round trip.'),
  mos: number('Mean opinion score.'),
};

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties };
}

/** The members on quality, beside those of the ladder. */
export function qualitySchemas(): Record<string, Schema> {
  const end = (description: string): Schema => ({ type: 'string', description });
  const direction = { from: end('Who sends the media.'), to: end('Who receives them.'), points: { type: 'array', items: object(POINT) } };
  const header = {
    source_ip: end('Sender of the message, which received the media.'),
    callid: { type: 'string' },
    what: { type: 'string', description: 'Method or status of the message.' },
  };
  return {
    reports: { type: 'integer', description: 'Reports of the call (RTCP and others).' },
    quality: { type: 'array', description: 'What reports say of each direction over time.', items: object(direction) },
    header_quality: {
      type: 'array',
      description: 'What messages say in X-RTP-Stat or P-RTP-Stat.',
      items: object({ ...header, ...POINT }),
    },
  };
}
