/** The JSON schema of a stream, as `streamJson` prints it. */

type Schema = Record<string, unknown>;

const text = (description: string): Schema => ({ type: 'string', description });
const whole = (description: string): Schema => ({ type: 'integer', description });
const number = (description: string): Schema => ({ type: 'number', description });
const orNull = (type: string, description: string): Schema => ({ type: [type, 'null'], description });
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties };
}

const MOMENT = object({
  micro_ts: whole('Beginning, in microseconds since 1970.'),
  packets: whole('Packets received.'),
  lost: whole('Packets lost.'),
  loss_percent: number('Lost packets.'),
  jitter_ms: number('Jitter.'),
  mos: orNull('number', 'Mean opinion score of this piece.'),
});

export function faxSchema(): Schema {
  return object({
    callid: text('Call-ID.'),
    source: text('Sender, address and port.'),
    destination: text('Receiver, address and port.'),
    start_micro_ts: whole('First packet, in microseconds since 1970.'),
    end_micro_ts: whole('Last packet, in microseconds since 1970.'),
    packets: whole('UDPTL packets received, without repeated ones.'),
    lost: whole('Packets lost.'),
    recovered: whole('Lost packets that later ones repeated.'),
  });
}

export function streamSchema(): Schema {
  return object({
    callid: text('Call-ID; empty where no session description announces the stream.'),
    media: whole('Number of the m= line, from 0.'),
    kind: text('audio, video, …; empty where it is not known.'),
    source_ip: text('Sender.'),
    source_port: whole('Port of the sender.'),
    destination_ip: text('Receiver.'),
    destination_port: whole('Port of the receiver.'),
    ssrc: whole('Synchronisation source.'),
    relay_peer: orNull('string', 'Address and port behind the TURN server that relays the stream.'),
    codec: text('The codec of the last packet; empty where it is not known.'),
    codecs: list({ type: 'string' }, 'All codecs, in the order of their first packets.'),
    payload_type: whole('Payload type of the last packet.'),
    clock_rate: whole('Clock of the timestamps in Hz; 0 where it is not known.'),
    encrypted: { type: 'boolean', description: 'SRTP.' },
    start_micro_ts: whole('First packet, in microseconds since 1970.'),
    end_micro_ts: whole('Last packet, in microseconds since 1970.'),
    packets: whole('Packets received, without repeated ones.'),
    expected: whole('Packets that the sequence numbers make.'),
    lost: whole('Packets lost.'),
    loss_percent: number('Lost packets.'),
    loss_runs: whole('Runs of lost packets.'),
    longest_loss: whole('Packets of the longest run.'),
    out_of_order: whole('Packets out of order.'),
    duplicates: whole('Packets that came again.'),
    strays: whole('Packets with a sequence number far from the others.'),
    sequence_restarts: whole('How often the sequence numbers began anew.'),
    jitter_ms: orNull('number', 'Mean jitter (RFC 3550).'),
    max_jitter_ms: orNull('number', 'Largest jitter.'),
    max_jitter_micro_ts: orNull('integer', 'When it was largest.'),
    max_delta_ms: number('Longest time between two packets.'),
    max_delta_micro_ts: orNull('integer', 'When it was longest.'),
    silences: whole('Pauses of the sender.'),
    silence_ms: number('All pauses together.'),
    comfort_noise: whole('Packets of comfort noise.'),
    events: whole('Telephone events (RFC 4733).'),
    digits: text('DTMF digits among them.'),
    r_factor: orNull('number', 'R-factor (G.107).'),
    mos: orNull('number', 'Mean opinion score.'),
    notes: list({ type: 'string' }, 'Why a figure is missing, or how far to trust it.'),
    moments: list(MOMENT, 'The stream in pieces of equal length.'),
  });
}
