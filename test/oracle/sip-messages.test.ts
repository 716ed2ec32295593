/**
 * Every capture that tshark judged, message by message: time, inner and outer addresses, ports, VLAN,
 * start line, Call-ID, CSeq, tags and the digest of the message.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { readMessages } from './read-messages.js';
import { differences } from './differences.js';
import { captures, capturesAbsent, readRows, sipOracles, type Row } from './tshark-rows.js';

interface Known {
  time: string;
  source: string;
  destination: string;
  outer: string;
  vlan: string;
  startLine: string;
  callId: string;
  cseq: string;
  tags: string;
  sha256: string;
}

function ofTshark(row: Row): Known {
  return {
    time: row.time_epoch.slice(0, -3),
    source: `${row.src_ip} ${row.src_port}`,
    destination: `${row.dst_ip} ${row.dst_port}`,
    outer: `${row.outer_src_ip} ${row.outer_dst_ip}`,
    vlan: row.vlan,
    startLine: row.start_line,
    callId: row.call_id,
    cseq: row.cseq_num === '' ? '' : `${row.cseq_num} ${row.cseq_method}`,
    tags: `${row.from_tag} ${row.to_tag}`,
    sha256: row.msg_sha256,
  };
}

function ofOurs(message: Message): Known {
  const sip = message.sip!;
  return {
    time: `${Math.floor(message.capturedAt / 1e6)}.${String(message.capturedAt % 1e6).padStart(6, '0')}`,
    source: `${message.sourceAddress} ${message.sourcePort}`,
    destination: `${message.destinationAddress} ${message.destinationPort}`,
    outer: `${message.outerSource} ${message.outerDestination}`,
    vlan: message.vlan < 0 ? '' : String(message.vlan),
    startLine: sip.head.split(/\r?\n/, 1)[0],
    callId: sip.callId,
    cseq: sip.cseq,
    tags: `${sip.fromTag} ${sip.toTag}`,
    sha256: createHash('sha256').update(message.payload).digest('hex'),
  };
}

if (capturesAbsent) {
  test.skip('the shared captures are absent: nothing to compare with tshark', () => {});
} else {
  describe('the same SIP messages as tshark', () => {
    test.each(sipOracles())('%s', async (file) => {
      const expected = readRows(`${file}.tsv`)
        .filter((row) => row.in_icmp_quote !== '1')
        .map(ofTshark);
      const { messages } = await readMessages([join(captures, 'files', file)]);
      const found = messages.map(ofOurs);
      expect(differences(file, expected, found)).toEqual([]);
    });

    test.each([
      'negative-http-sip-status-a.pcapng',
      'ipip-qinq-4in4.pcap',
      'ipip-4in4-icmp.pcap',
      'ipip-4in4-single.pcap',
      'ipip-tunnel-flows.pcap',
      'erspan-type1.pcap',
      'erspan-type2.pcap',
      'erspan-type3.pcap',
      'mpls-in-vlan.pcap',
      'qinq.pcap',
      'vxlan.pcap',
      'linktype-sll2-a.pcap',
      'pcap-nanosecond-sll.pcap',
      'pcap-nanosecond-dhcp.pcap',
      'pcap-bigendian.pcap',
      'frag-ipv4-icmp.pcapng',
      'frag-ipv6.pcapng',
      'frag-ipv6-malformed-1.pcap',
      'snaplen-cut-null.pcap',
      'rtcp-asterisk-crash.pcap',
      'hep3-udp.pcap',
    ])('%s contains no SIP', async (file) => {
      const { messages } = await readMessages([join(captures, 'files', file)]);
      expect(messages).toHaveLength(0);
    });
  });
}
