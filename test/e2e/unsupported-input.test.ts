/** Captures without supported content: the message names what they hold and suggests a solution. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const plainSip = pcapFile(sipMessages(3)) as Buffer;
writeFileSync(join(folder.path, 'sip.pcap'), plainSip);
const usb = Buffer.from(plainSip);
usb.writeUInt32LE(189, 20);
writeFileSync(join(folder.path, 'usb.pcap'), usb);

afterAll(() => {
  killAll();
  folder.remove();
});

test('an unsupported link type: its number, its name, exit code 3', async () => {
  const { stderr, code } = await sipcap(['capture', 'mirror', '-r', 'usb.pcap'], { cwd: folder.path });
  expect(stderr).toContain('usb.pcap: unsupported link type 189 (USB_LINUX) (frames: 3)');
  expect(code).toBe(3);
});

test.each([
  ['hep edit', ['hep', 'edit', 'sip.pcap', '--list']],
  ['hep relay', ['hep', 'relay', '--from', 'sip.pcap', '--to', 'hep_udp:127.0.0.1:9']],
])('%s of a capture without HEP names capture mirror --hep, exit code 3', async (_, args) => {
  const { stderr, code } = await sipcap(args, { cwd: folder.path });
  expect(stderr).toMatch(/sip\.pcap: no HEP in this capture; .*sipcap capture mirror --hep/);
  expect(code).toBe(3);
});
