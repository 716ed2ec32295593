/** Rows of sip_capture, prepared in advance. */
import { AddressTextCache, Counters } from '../dist/lib/base/index.js';
import { HepDecoder } from '../dist/lib/hep/index.js';
import { SipParser } from '../dist/lib/sip/index.js';
import { DateText, NodeText, sipCaptureRow } from '../dist/lib/row/index.js';
import { hep3, sipMessages } from './corpus.mjs';

export function readyRows(count) {
  const values = [];
  const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  const parser = new SipParser();
  const context = {
    captureNode: 'homer01',
    customField1: '',
    customField2: '',
    customField3: '',
    cuts: new Counters(),
    dates: new DateText(),
    nodes: new NodeText(),
  };
  sipMessages(count).forEach((sip, i) => {
    const packet = hep3(sip, i);
    const message = decoder.decode(packet, 0, packet.length, 1.8e15, {});
    message.sip = parser.parse(message.payload);
    sipCaptureRow(message, context, values);
  });
  return values;
}
