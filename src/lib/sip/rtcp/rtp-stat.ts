/** The headers X-RTP-Stat and P-RTP-Stat: `KEY=value`, separated by commas, or by semicolons with comma-separated lists as values. */

export interface RtpStat {
  /** Every key, in upper case. */
  values: Record<string, string>;
  /** CS: duration of the media. */
  seconds: number | null;
  /** PR, PS: packets received and sent. */
  packetsReceived: number | null;
  packetsSent: number | null;
  /** PL: packets lost; of a list the first, which counts the receiving direction. */
  packetsLost: number | null;
  /** JI and DL in ms. */
  jitterMs: number | null;
  delayMs: number | null;
  /** Percentage of packets that were not received; null without the counts. */
  lossPercent: number | null;
}

export function readRtpStat(text: string): RtpStat {
  const values: Record<string, string> = {};
  for (const part of text.split(text.includes(';') ? ';' : ',')) {
    const equals = part.indexOf('=');
    if (equals > 0) values[part.slice(0, equals).trim().toUpperCase()] = part.slice(equals + 1).trim();
  }
  const first = (key: string) => firstNumber(values[key]);
  const received = first('PR');
  const lost = first('PL');
  return {
    values,
    seconds: first('CS'),
    packetsReceived: received,
    packetsSent: first('PS'),
    packetsLost: lost,
    jitterMs: first('JI'),
    delayMs: first('DL'),
    lossPercent: received === null || lost === null || received + lost <= 0 ? null : (Math.max(0, lost) * 100) / (received + lost),
  };
}

function firstNumber(value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = parseFloat(value);
  return Number.isNaN(number) ? null : number;
}
