/** SIP to fields and to a row of columns, and the whole way from a HEPv3 packet to a row. */
import { AddressTextCache, Counters } from '../dist/lib/base/index.js';
import { HepDecoder } from '../dist/lib/hep/index.js';
import { SipParser, looksLikeSip } from '../dist/lib/sip/index.js';
import { DateText, NodeText, sipCaptureRow } from '../dist/lib/row/index.js';
import { hep3, sipMessages } from './corpus.mjs';
import { compare, line } from './measure.mjs';

export async function run() {
  // 700 kB of packets: a packet just received is in the CPU cache. `cold` walks through more than fits there.
  const messages = sipMessages(980);
  const cold = sipMessages(9800).map(hep3);
  const packets = messages.map(hep3);
  const noise = packets.map((packet) => Buffer.concat([Buffer.from([0x80, 8]), packet]));
  const parser = new SipParser();
  const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  const peer = { peerAddress: '127.0.0.1', peerPort: 9060, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };
  const context = {
    captureNode: 'homer01',
    customField1: '',
    customField2: '',
    customField3: '',
    cuts: new Counters(),
    dates: new DateText(),
    nodes: new NodeText(),
  };
  const row = new Array(44).fill(null);
  const whole = (packet) => {
    const message = decoder.decode(packet, 0, packet.length, 1.8e15, peer);
    message.sip = parser.parse(message.payload);
    sipCaptureRow(message, context, row, 0);
  };
  const times = 50;
  const items = messages.length * times;
  // A separate loop for each work, so that type feedback of one does not affect another.
  const best = compare(
    [
      {
        name: 'lines',
        items,
        run() {
          for (let i = 0; i < times; i++) for (const bytes of messages) bareLines(bytes);
        },
      },
      {
        name: 'no',
        items,
        run() {
          for (let i = 0; i < times; i++) for (const bytes of noise) looksLikeSip(bytes, 0, bytes.length);
        },
      },
      {
        name: 'yes',
        items,
        run() {
          for (let i = 0; i < times; i++) for (const bytes of messages) looksLikeSip(bytes, 0, bytes.length);
        },
      },
      {
        name: 'parse',
        items,
        run() {
          for (let i = 0; i < times; i++) for (const bytes of messages) parser.parse(bytes);
        },
      },
      {
        name: 'whole',
        items,
        run() {
          for (let i = 0; i < times; i++) for (const packet of packets) whole(packet);
        },
      },
      {
        name: 'cold',
        items: cold.length * 5,
        run() {
          for (let i = 0; i < 5; i++) for (const packet of cold) whole(packet);
        },
      },
    ],
    25,
  );
  line('bare walk: text of the message, line by line', `${best.get('lines').toFixed(0)} ns a message`);
  line('is it SIP? no (RTP) / yes', `${best.get('no').toFixed(0)} / ${best.get('yes').toFixed(0)} ns`, {
    ns: best.get('no') + best.get('yes'),
  });
  line('SIP to fields', `${best.get('parse').toFixed(0)} ns, ${(best.get('parse') / best.get('lines')).toFixed(1)} times the walk`, {
    ns: best.get('parse'),
  });
  line(
    'HEPv3 packet to a row of 44 columns',
    `${best.get('whole').toFixed(0)} ns (target: 2,500 or less), ${(best.get('whole') / best.get('lines')).toFixed(1)} times the walk`,
    { ns: best.get('whole') },
  );
  line('the same, packets out of memory', `${best.get('cold').toFixed(0)} ns`, { ns: best.get('cold') });
}

function bareLines(bytes) {
  const text = bytes.latin1Slice(0, bytes.length);
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
