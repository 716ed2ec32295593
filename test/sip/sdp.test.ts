import { describe, expect, test } from '@jest/globals';
import { isFault, type SipFields } from '../../src/lib/base/index.js';
import { MediaIndex } from '../../src/lib/sip/media-index.js';
import { parseSip } from '../../src/lib/sip/parse.js';
import { readSdp, sdpOf } from '../../src/lib/sip/sdp.js';
import { usedMemory } from '../rigs/memory.js';
import { plainHeaders, sipBytes } from '../rigs/sip.js';

function invite(body: string, contentType = 'application/sdp', callId = 'call-1'): { sip: SipFields; payload: Buffer } {
  const payload = sipBytes(
    'INVITE sip:ben@b.example SIP/2.0',
    [`Call-ID: ${callId}`, ...plainHeaders('INVITE'), ...(contentType === '' ? [] : [`Content-Type: ${contentType}`])],
    body,
  );
  const sip = parseSip(payload);
  if (isFault(sip)) throw new Error(sip.fault);
  return { sip, payload };
}

const audio = (address: string, port: number, more = '') =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n${more}`;

describe('session descriptions', () => {
  test('session address, static payload types, RTCP on the next port', () => {
    expect(readSdp(audio('192.0.2.1', 4000))).toEqual([
      {
        kind: 'audio',
        address: '192.0.2.1',
        port: 4000,
        protocol: 'RTP/AVP',
        rtcpAddress: '192.0.2.1',
        rtcpPort: 4001,
        rtcpMux: false,
        direction: 'sendrecv',
        candidates: [],
        payloads: [
          { number: 8, codec: 'PCMA', clockRate: 8000 },
          { number: 101, codec: 'telephone-event', clockRate: 8000 },
        ],
      },
    ]);
  });

  test('each media has its own', () => {
    const text =
      'v=0\nc=IN IP4 192.0.2.1/127\nm=audio 4000/2 RTP/SAVP 96 0\na=rtpmap:96 opus/48000/2\na=rtcp-mux\nm=video 5000 RTP/AVP 97\nc=IN IP6 2001:DB8:0:0::1\na=rtpmap:97 H264/90000\na=rtcp:53020\nm=audio 0 RTP/AVP 0\nm=image 6000 udptl t38\nc=IN IP4 192.0.2.9\na=rtcp:70000\n';
    expect(readSdp(text)).toMatchObject([
      {
        address: '192.0.2.1',
        port: 4000,
        rtcpPort: 4001,
        rtcpMux: true,
        payloads: [{ codec: 'opus', clockRate: 48_000 }, { codec: 'PCMU' }],
      },
      {
        kind: 'video',
        address: '2001:db8::1',
        rtcpAddress: '2001:db8::1',
        port: 5000,
        rtcpPort: 53_020,
        payloads: [{ codec: 'H264', clockRate: 90_000 }],
      },
      { port: 0, rtcpPort: 0 },
      { kind: 'image', address: '192.0.2.9', protocol: 'udptl', payloads: [], rtcpPort: 6001 },
    ]);
  });

  test('directions, of the session and of each medium', () => {
    const text = 'v=0\na=inactive\nm=audio 4000 RTP/AVP 0\nm=audio 4002 RTP/AVP 0\na=sendonly\n';
    expect(readSdp(text).map(({ direction }) => direction)).toEqual(['inactive', 'sendonly']);
  });

  test('ICE candidates over UDP, with addresses; up to the limit', () => {
    const candidate = (rest: string) => `a=candidate:1 1 ${rest}\n`;
    const text = `v=0\nc=IN IP4 0.0.0.0\nm=audio 9 RTP/AVP 0\n${candidate('UDP 1 192.0.2.7 8998 typ host')}${candidate('udp 1 2001:DB8:0::7 9000 typ srflx')}${candidate('TCP 1 192.0.2.8 9 typ host')}${candidate('UDP 1 4b7f.local 9 typ host')}${candidate('UDP 1 192.0.2.9 0 typ host')}${candidate('')}`;
    expect(readSdp(text)[0].candidates).toEqual([
      { address: '192.0.2.7', port: 8998 },
      { address: '2001:db8::7', port: 9000 },
    ]);
    const many = candidate('UDP 1 192.0.2.7 8998 typ host').repeat(1000);
    expect(readSdp(`v=0\nm=audio 9 RTP/AVP 0\n${many}`)[0].candidates).toHaveLength(64);
  });

  test('a separate RTCP address, in any order', () => {
    expect(readSdp('v=0\nm=audio 4000 RTP/AVP 0\na=rtcp:7000 IN IP4 192.0.2.7\nc=IN IP4 192.0.2.1')).toMatchObject([
      { address: '192.0.2.1', rtcpAddress: '192.0.2.7', rtcpPort: 7000 },
    ]);
  });

  test.each(['', 'nonsense', 'v=0\nm=audio', 'v=0\nm=audio x RTP/AVP 0', 'v=0\nm=audio 70000 RTP/AVP 0', 'a=rtcp:5\nc=IN'])(
    '%j has no media',
    (text) => expect(readSdp(text)).toEqual([]),
  );

  test('its position in a message', () => {
    const text = audio('192.0.2.1', 4000);
    const of = (body: string, type?: string) => {
      const { sip, payload } = invite(body, type);
      return sdpOf(sip, payload);
    };
    expect(of(text)).toBe(text);
    expect(of(text, 'Application/SDP;charset=x')).toBe(text);
    expect(of(text, '')).toBe(text);
    expect(
      of(
        `--b\r\nContent-Type: text/plain\r\n\r\nm=no\r\n--b\r\nContent-Type: application/sdp\r\n\r\n${text}--b--\r\n`,
        'multipart/mixed;boundary=b',
      ),
    ).toBe(text);
    expect(of('hello', 'text/plain')).toBe('');
    expect(of(text, 'text/plain')).toBe('');
    expect(of('', '')).toBe('');
    expect(of('--b\r\n\r\nhello\r\n--b--', 'multipart/mixed;boundary=b')).toBe('');
  });
});

describe('the call of a packet', () => {
  const call = expect.objectContaining({ callId: 'call-1', codec: 'PCMA', clockRate: 8000, encrypted: false });

  function bookWith(...texts: string[]): MediaIndex {
    const index = new MediaIndex();
    texts.forEach((text, i) => {
      const { sip, payload } = invite(text, 'application/sdp', `call-${i + 1}`);
      index.note(sip, payload, 1e6);
    });
    return index;
  }

  test('by destination and source, on the RTP and the RTCP port', () => {
    const index = bookWith(audio('192.0.2.1', 4000));
    expect(index.find('198.51.100.1', 1, '192.0.2.1', 4001, 2e6)).toEqual(call);
    expect(index.find('192.0.2.1', 4000, '198.51.100.1', 2, 2e6)).toEqual(call);
    expect(index.find('192.0.2.1', 4002, '192.0.2.2', 4001, 2e6)).toBeNull();
  });

  test('behind NAT: the address that answers is learned', () => {
    const index = bookWith(audio('192.0.2.1', 4000));
    expect(index.find('203.0.113.9', 62_000, '203.0.113.10', 7, 2e6)).toBeNull();
    expect(index.find('203.0.113.9', 62_000, '192.0.2.1', 4001, 2e6)).toEqual(call);
    expect(index.find('203.0.113.9', 62_000, '203.0.113.10', 7, 2e6)).toEqual(call);
  });

  test('a=rtcp, and the newest call of an address', () => {
    const index = bookWith(audio('192.0.2.1', 4000, 'a=rtcp:9999\r\n'), audio('192.0.2.1', 4000));
    expect(index.find('', 0, '192.0.2.1', 9999, 2e6)?.callId).toBe('call-1');
    expect(index.find('', 0, '192.0.2.1', 4000, 2e6)?.callId).toBe('call-2');
  });

  test('the codec of the answer applies to both sides', () => {
    const index = new MediaIndex();
    const note = (text: string) => {
      const { sip, payload } = invite(text);
      index.note(sip, payload, 1e6);
    };
    note(
      'v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 96 8\r\na=rtpmap:96 opus/48000/2\r\nm=video 4002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n',
    );
    expect(index.find('', 0, '192.0.2.1', 4001, 2e6)).toMatchObject({ codec: 'opus', clockRate: 48_000 });
    note(
      'v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 6000 RTP/AVP 101 8\r\na=rtpmap:101 telephone-event/8000\r\nm=video 6002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n',
    );
    expect(index.find('', 0, '192.0.2.1', 4001, 2e6)).toEqual(call);
    expect(index.find('', 0, '192.0.2.2', 6001, 2e6)).toEqual(call);
    expect(index.find('', 0, '192.0.2.1', 4003, 2e6)).toMatchObject({ codec: 'H264', clockRate: 90_000 });
    expect(index.onlyMedia('call-1')).toBeNull();
  });

  test('the only media of a call, and whether its RTCP is encrypted', () => {
    const index = bookWith(audio('192.0.2.1', 4000), audio('192.0.2.2', 4000).replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF'));
    expect(index.onlyMedia('call-1')).toEqual(call);
    expect(index.onlyMedia('call-2')).toMatchObject({ encrypted: true });
    expect(index.onlyMedia('call-3')).toBeNull();
  });

  test('ICE candidates, and the payload types of all descriptions', () => {
    const index = bookWith(`${audio('0.0.0.0', 9)}a=candidate:1 1 UDP 1 192.0.2.7 8998 typ host\r\n`, audio('192.0.2.1', 4000));
    expect(index.find('192.0.2.7', 8998, '198.51.100.1', 2, 2e6)).toEqual(call);
    expect(index.find('192.0.2.1', 4000, '', 0, 2e6)).toMatchObject({
      index: 0,
      kind: 'audio',
      payloads: new Map([
        [8, { number: 8, codec: 'PCMA', clockRate: 8000 }],
        [101, { number: 101, codec: 'telephone-event', clockRate: 8000 }],
      ]),
    });
  });

  test('whether a call announced fax, whatever came after', () => {
    const index = bookWith(audio('192.0.2.1', 4000), `${audio('192.0.2.2', 4000)}m=image 5000 udptl t38\r\n`);
    const fax = invite('v=0\r\nc=IN IP4 192.0.2.3\r\nm=image 5000 UDPTL t38\r\n', 'application/sdp', 'call-3');
    index.note(fax.sip, fax.payload, 1e6);
    const back = invite(audio('192.0.2.3', 5000), 'application/sdp', 'call-3');
    index.note(back.sip, back.payload, 2e6);
    expect(['call-1', 'call-2', 'call-3', 'call-4'].map((callId) => index.hasFax(callId))).toEqual([false, true, true, false]);
  });

  test('refused streams and held addresses are no endpoints', () => {
    expect(bookWith(audio('192.0.2.1', 0), audio('0.0.0.0', 4000)).size).toBe(0);
  });

  test('calls idle for long are forgotten', () => {
    const index = bookWith(audio('192.0.2.1', 4000));
    expect(index.find('', 0, '192.0.2.1', 4000, 1e6 + 4 * 3600e6)).toEqual(call);
    expect(index.find('', 0, '192.0.2.1', 4001, 1e6 + 4 * 3600e6 + 1)).toBeNull();
    expect(index.size).toBe(1);
  });

  test('limit: the calls idle longest are evicted, and counted', () => {
    const index = new MediaIndex({ maxEndpoints: 4, idleSeconds: 10 });
    const note = (port: number, at: number) => {
      const { sip, payload } = invite(audio('192.0.2.1', port), 'application/sdp', `call-${port}`);
      index.note(sip, payload, at);
    };
    note(4000, 1e6);
    note(5000, 2e6);
    index.find('', 0, '192.0.2.1', 4000, 3e6);
    note(6000, 4e6);
    expect(index.size).toBe(4);
    expect(index.forgotten).toBe(2);
    expect(index.find('', 0, '192.0.2.1', 4000, 4e6)?.callId).toBe('call-4000');
    expect(index.find('', 0, '192.0.2.1', 5000, 4e6)).toBeNull();
    note(7000, 100e6);
    expect(index.forgotten).toBe(2);
  });

  describe('what nothing has asked about', () => {
    const note = (index: MediaIndex, number: number, text = audio('192.0.2.1', 4000 + 2 * number)) => {
      const { sip, payload } = invite(text, 'application/sdp', `call-${number}`);
      index.note(sip, payload, 1e6);
    };
    const owner = (index: MediaIndex, number: number) => index.find('', 0, '192.0.2.1', 4000 + 2 * number, 1e6)?.callId;

    test('is known when it is asked, as far as the limit allows, and counted as forgotten only then', () => {
      const index = new MediaIndex({ maxEndpoints: 100, idleSeconds: 10 });
      for (let number = 0; number < 10_000; number++) note(index, number);
      expect(index.forgotten).toBe(0);
      expect(index.size).toBe(100);
      expect(index.forgotten).toBeGreaterThan(0);
      for (let number = 9_950; number < 10_000; number++) expect(owner(index, number)).toBe(`call-${number}`);
      expect(owner(index, 0)).toBeUndefined();
    });

    test('is known however often it is repeated: on several hops, again, to refresh a session', () => {
      const index = new MediaIndex({ maxEndpoints: 100, idleSeconds: 10 });
      for (let time = 0; time < 20; time++) for (let number = 0; number < 30; number++) note(index, number);
      for (let number = 0; number < 30; number++) expect(owner(index, number)).toBe(`call-${number}`);
      expect(index.forgotten).toBe(0);
    });

    test('does not fill the memory, however long the descriptions', () => {
      const index = new MediaIndex();
      const long = (number: number) => `${audio('192.0.2.1', 4000 + 2 * number)}${`a=x:${'y'.repeat(60)}\r\n`.repeat(400)}`;
      const before = usedMemory();
      for (let number = 0; number < 8_000; number++) note(index, number, long(number));
      expect(usedMemory() - before).toBeLessThan(100e6);
      expect(owner(index, 0)).toBe('call-0');
      expect(owner(index, 7_999)).toBe('call-7999');
    });

    test('of fax is known at once: every datagram asks', () => {
      const index = new MediaIndex();
      note(index, 1);
      expect(index.hasFaxes).toBe(false);
      note(index, 2, audio('192.0.2.1', 5000).replace(/m=audio .*/, 'm=image 5000 udptl t38'));
      expect(index.hasFaxes).toBe(true);
      expect(index.hasFax('call-2')).toBe(true);
      expect(index.hasFax('call-1')).toBe(false);
    });

    test('changes what is known of a call only when it is settled', () => {
      const index = bookWith(audio('192.0.2.1', 4000));
      const known = index.find('', 0, '192.0.2.1', 4000, 1e6)!;
      const version = index.version;
      note(index, 1, audio('192.0.2.1', 4000, 'a=sendonly\r\n'));
      index.settle();
      expect(known.direction).toBe('sendonly');
      expect(index.version).not.toBe(version);
    });
  });
});
