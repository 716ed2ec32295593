/**
 * Every shared capture, decoded by tshark (TCP segments reassembled out of order) and by us: the same messages in the same frames.
 * Runs the tshark that is installed, unlike sip-messages.test.ts, which reads what one version of it found.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { readMessages } from './read-messages.js';
import { captures, capturesAbsent } from './tshark-rows.js';

const OUT_OF_ORDER = ['-o', 'tcp.reassemble_out_of_order:TRUE'];
const isAbsent = capturesAbsent || spawnSync('tshark', ['--version']).status !== 0;

/** One message: its frame, start line and Call-ID, as far as tshark shows them. */
function messagesOfTshark(path: string): string[] {
  const { stdout } = spawnSync('tshark', [...OUT_OF_ORDER, '-r', path, '-Y', 'sip', '-T', 'pdml'], {
    encoding: 'latin1',
    maxBuffer: 2 ** 30,
  });
  const found: string[] = [];
  for (const packet of stdout.split('<packet>').slice(1)) {
    const number = /<field name="num"[^>]* show="(\d+)"/.exec(packet)![1];
    // SIP that an ICMP error quotes or HEP carries is not traffic of the capture itself.
    for (const proto of packet.split('<proto name="').slice(1)) {
      if (/^(icmp|icmpv6|hep)"/.test(proto)) break;
      if (!proto.startsWith('sip"')) continue;
      const startLine = valueOf(proto, 'sip.Request-Line') ?? valueOf(proto, 'sip.Status-Line');
      if (startLine !== null) found.push(`${number} ${startLine} | ${valueOf(proto, 'sip.Call-ID')?.replace(/^[^:]*:\s*/, '') ?? ''}`);
    }
  }
  return found;
}

/** A field's bytes as text. */
function valueOf(proto: string, name: string): string | null {
  const value = new RegExp(`<field name="${name.replace('.', '\\.')}"[^>]* value="([0-9a-f]*)"`).exec(proto);
  return value === null ? null : Buffer.from(value[1], 'hex').toString('latin1').trim();
}

function ofOurs({ frameNumber, payload }: Message): string {
  const text = payload.toString('latin1');
  const callId = /^(?:call-id|i)[ \t]*:[ \t]*(.*?)\s*$/im.exec(text.split(/\r?\n\r?\n/, 1)[0])?.[1] ?? '';
  return `${frameNumber} ${text.split(/\r?\n/, 1)[0].trim()} | ${callId}`;
}

/** Those of the first list that the second has no more of. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((text) => {
    const at = rest.indexOf(text);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** What tshark alone finds, and why. */
const THEIRS: Record<string, string> = {
  // A lone CR within the start line, which is longer for us: the message is there.
  'sip-udp-fuzzed-bigendian.pcap': '247 CANCEL sip:97239287044@voip.brujula.net SIP/2.0',
  // A keep-alive in front of the method.
  'tcp_keepalive_jak.pcap': '4 jaKNOTIFY',
  // Beyond the largest message: counted as lost.
  'tcp_over_1MB_then_small.pcap.gz': '22 NOTIFY sip:bob@example.net',
};

if (isAbsent) {
  test.skip('needs tshark and the shared captures', () => {});
} else {
  describe.each(['files', 'senders', 'faults'])('%s', (folder) => {
    const files = readdirSync(join(captures, folder)).filter((file) => /\.pcap(ng)?(\.gz)?$/.test(file));
    test('agreement', async () => {
      let all = 0;
      let agreed = 0;
      let further = 0;
      const unexplained: string[] = [];
      for (const file of files) {
        const theirs = messagesOfTshark(join(captures, folder, file));
        const ours = (await readMessages([join(captures, folder, file)])).messages.map(ofOurs);
        const missing = without(theirs, ours);
        all += theirs.length;
        agreed += theirs.length - missing.length;
        further += without(ours, theirs).length;
        for (const text of missing) if (!text.startsWith(THEIRS[file] ?? '-')) unexplained.push(`${file}: ${text}`);
      }
      console.log(`${folder}: ${agreed} of ${all} messages of ${files.length} captures, ${further} further ones`);
      expect(unexplained).toEqual([]);
      expect(all).toBeGreaterThan(700);
    }, 600_000);
  });
}
