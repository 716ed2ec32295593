import { describe, expect, test } from '@jest/globals';
import { readRtpStat } from '../../../src/lib/sip/rtcp/rtp-stat.js';
import { readVqReport, vqNumber } from '../../../src/lib/sip/rtcp/vq-rtcpxr.js';

const report = [
  'VQSessionReport: CallTerm',
  'CallID: call-1@a.example',
  'LocalID: "Ann" <sip:ann@a.example>',
  'RemoteID: <sip:ben@b.example>',
  'LocalAddr: IP=192.0.2.1 PORT=5000 SSRC=1a3b5c7d',
  'LocalMetrics:',
  'Timestamps:START=2024-10-10T18:23:43Z STOP=2024-10-10T18:26:02Z',
  'SessionDesc:PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50',
  ' FMTP="annexb=no mode=x" PLC=3 SSUP=on',
  'JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120',
  'PacketLoss:NLR=5.0 JDR=2.0',
  'BurstGapLoss:BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16',
  'Delay:RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10',
  'Signal:SL=-18 NL=-50 RERL=55',
  'QualityEst:RLQ=82 RCQ=78 MOSLQ=4.2 MOSCQ=',
  'RemoteMetrics:',
  'PacketLoss:NLR=0.5 JDR=0.0',
  'DialogID:call-1@a.example;to-tag=t;from-tag=f',
].join('\r\n');

describe('voice quality reports', () => {
  test('a session report', () => {
    const read = readVqReport(`${report}\r\n`)!;
    expect(read).toMatchObject({
      kind: 'session',
      event: 'CallTerm',
      callId: 'call-1@a.example',
      lines: {
        LocalID: '"Ann" <sip:ann@a.example>',
        RemoteID: '<sip:ben@b.example>',
        LocalAddr: 'IP=192.0.2.1 PORT=5000 SSRC=1a3b5c7d',
        DialogID: 'call-1@a.example;to-tag=t;from-tag=f',
      },
      local: {
        PacketLoss: { NLR: '5.0', JDR: '2.0' },
        SessionDesc: { PD: 'G729', FMTP: 'annexb=no mode=x', PLC: '3', SSUP: 'on' },
        QualityEst: { RLQ: '82', RCQ: '78', MOSLQ: '4.2', MOSCQ: '' },
      },
      remote: { PacketLoss: { NLR: '0.5', JDR: '0.0' } },
    });
    expect(['NLR', 'RTD', 'SL', 'MOSLQ', 'MOSCQ', 'PD', 'ABSENT'].map((key) => vqNumber(read.local, key))).toEqual([
      5,
      200,
      -18,
      4.2,
      null,
      null,
      null,
    ]);
    expect(vqNumber(read.remote, 'NLR')).toBe(0.5);
  });

  test.each([
    ['VQIntervalReport', 'interval', ''],
    ['VQAlertReport: Type=NLR Severity=Critical Dir=local', 'alert', 'Type=NLR Severity=Critical Dir=local'],
    ['vqsessionreport : CallTerm', 'session', 'CallTerm'],
  ])('%s', (line, kind, event) => {
    expect(readVqReport(`${line}\nCallID:x`)).toMatchObject({ kind, event, callId: 'x' });
  });

  test.each([
    ['', null],
    ['{"a":1}', null],
    ['INVITE sip:a SIP/2.0', null],
  ])('%j is not RTP statistics', (text) => expect(readVqReport(text)).toBeNull());
});

describe('RTP statistics in a header', () => {
  test('with commas', () => {
    expect(readRtpStat('CS=10, PS=500,PR=495,PL=5,JI=3.5,DL=40,ZZ=x')).toEqual({
      values: { CS: '10', PS: '500', PR: '495', PL: '5', JI: '3.5', DL: '40', ZZ: 'x' },
      seconds: 10,
      packetsSent: 500,
      packetsReceived: 495,
      packetsLost: 5,
      jitterMs: 3.5,
      delayMs: 40,
      lossPercent: 1,
    });
  });

  test('with semicolons, and lists as values', () => {
    expect(readRtpStat('CS=0;PS=100;PR=90;PL=10,2;JI=23,2;DL=30,31,32;EN=PCMA')).toMatchObject({
      seconds: 0,
      packetsLost: 10,
      jitterMs: 23,
      delayMs: 30,
      lossPercent: 10,
      values: { PL: '10,2', EN: 'PCMA' },
    });
  });

  test('absent and non-numeric values are null', () => {
    expect(readRtpStat('pr=x,PL,=5')).toEqual({
      values: { PR: 'x' },
      seconds: null,
      packetsSent: null,
      packetsReceived: null,
      packetsLost: null,
      jitterMs: null,
      delayMs: null,
      lossPercent: null,
    });
    expect(readRtpStat('PR=0,PL=0').lossPercent).toBeNull();
    expect(readRtpStat('PR=10,PL=-2').lossPercent).toBe(0);
  });
});
