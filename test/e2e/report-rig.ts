/** Packets with reports. */
import { pcapFile } from '../../bench/corpus.mjs';

export function capture(frames: Buffer[]): Buffer {
  const empty = pcapFile([]) as Buffer;
  return Buffer.concat([
    empty,
    ...frames.flatMap((bytes, i) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(1_700_000_000 + i * 5, 0);
      record.writeUInt32LE(bytes.length, 8);
      record.writeUInt32LE(bytes.length, 12);
      return [record, bytes];
    }),
  ]);
}

export function sip(line: string, callId: string, type: string, body: string, more = ''): Buffer {
  const content = type === '' ? '' : `Content-Type: ${type}\r\n`;
  return Buffer.from(
    `${line}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK2\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.2>\r\nCall-ID: ${callId}\r\nCSeq: 2 BYE\r\n${more}${content}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
