/** Session descriptions that are wrong, and streams that do not end: a figure comes with a note, or there is none. */
import { expect, test } from '@jest/globals';
import { BACK, answeredCall, stream } from '../rigs/rtp.js';
import { follow } from './rig.js';

const audio = (media: string, type = 8, ticks = 160) =>
  follow([...answeredCall('call-1', 0, media), ...stream({ packets: 200, type, ticks })]).streams;

test.each([
  ['a port that is not a number', 'm=audio x RTP/AVP 8\r\n'],
  ['a port of 0', 'm=audio 0 RTP/AVP 8\r\n'],
  ['a port above 65,535', 'm=audio 70000 RTP/AVP 8\r\n'],
  ['a media line without a port', 'm=audio\r\n'],
])('%s announces nothing: no stream is given to the call', (_, media) => {
  expect(audio(media)).toEqual([]);
});

test.each([
  ['a clock of 0', 'm=audio PORT RTP/AVP 97\r\na=rtpmap:97 PCMA/0\r\n', 97],
  ['a clock that is not a number', 'm=audio PORT RTP/AVP 97\r\na=rtpmap:97 PCMA/fast\r\n', 97],
  ['a payload type that is not announced', 'm=audio PORT RTP/AVP 0\r\n', 98],
  ['a map of another payload type', 'm=audio PORT RTP/AVP 97\r\na=rtpmap:99 PCMA/8000\r\n', 97],
])('%s: no MOS without a note', (_, media, type) => {
  const streams = audio(media, type);
  expect(streams).toHaveLength(1);
  expect(streams[0].notes).toContain('clock-estimated');
  expect(streams[0].mos === null).toBe(streams[0].notes.includes('codec-unknown'));
});

test('a stream that goes on after the capture ends is reported as far as it goes', () => {
  const { streams } = follow([...answeredCall(), ...stream({ packets: 3000 }), ...stream({ packets: 3000, path: BACK, ssrc: 2 })]);
  expect(streams.map(({ callId, packets, lost, notes }) => [callId, packets, lost, notes])).toEqual([
    ['call-1', 3000, 0, []],
    ['call-1', 3000, 0, []],
  ]);
});
