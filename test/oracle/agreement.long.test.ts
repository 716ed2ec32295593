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
      if (startLine !== null) found.push(`${number} ${startLine} | ${valueOf(proto, 'sip.Call-ID') ?? ''}`);
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

if (isAbsent) {
  test.skip('needs tshark and the shared captures', () => {});
} else {
  describe.each(['files', 'senders', 'faults'])('%s', (folder) => {
    const files = readdirSync(join(captures, folder)).filter((file) => /\.pcap(ng)?(\.gz)?$/.test(file));
    test('agreement', async () => {
      let all = 0;
      let agreed = 0;
      let further = 0;
      for (const file of files) {
        const theirs = messagesOfTshark(join(captures, folder, file));
        const ours = (await readMessages([join(captures, folder, file)])).messages.map(ofOurs);
        const missing = without(theirs, ours);
        const extra = without(ours, theirs);
        all += theirs.length;
        agreed += theirs.length - missing.length;
        further += extra.length;
        if (missing.length + extra.length > 0)
          console.log(`${file}: missing ${JSON.stringify(missing.slice(0, 5))}, further ${JSON.stringify(extra.slice(0, 5))}`);
      }
      console.log(`${folder}: ${agreed} of ${all} messages of ${files.length} captures, ${further} further ones`);
      expect(all).toBeGreaterThan(0);
    }, 600_000);
  });
}
