/**
 * Differences from tshark, with the reason: one line each. A difference that is not listed is a
 * failure, and so is a listed one that no longer occurs.
 */

/** File, what differs (`missing`, `extra` or the member), how often, and the reason. */
const KNOWN: readonly { file: string; difference: string; times: number; reason: string }[] = [
  {
    file: 'sip-udp-digium.pcap',
    difference: 'cseq',
    times: 7,
    reason: 'tshark stops at a body it cannot read and drops CSeq, which is there',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    difference: 'extra',
    times: 5,
    reason: 'damaged by NUL or CR inside the start line, but a SIP start line: stored',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    difference: 'cseq',
    times: 4,
    reason: 'no number or no method in CSeq empties the column; a lone CR is no line end; NULs are kept as U+FFFD',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    difference: 'callId',
    times: 3,
    reason: 'tshark escapes control characters and stops at NUL; ours keeps them, NUL as U+FFFD',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    difference: 'tags',
    times: 2,
    reason: 'an unclosed angle bracket or broken address empties the column; tshark escapes control characters and stops at NUL',
  },
  {
    file: 'sip-udp-fuzzed-bigendian.pcap',
    difference: 'startLine',
    times: 1,
    reason: 'a CR without LF ends the start line for both, but stays in our text of the head',
  },
  {
    file: 'sip-udp-l2gre-mirror-part1.pcapng',
    difference: 'tags',
    times: 4,
    reason: 'binary rubbish in the tag: tshark escapes it and cuts it',
  },
  {
    file: 'sip-udp-vlan-fuzzed-a.pcap',
    difference: 'callId',
    times: 1,
    reason: 'NULs in Call-ID: tshark stops at the first, ours keeps them as U+FFFD',
  },
  {
    file: 'sip-udp-vlan-fuzzed-b.pcap',
    difference: 'callId',
    times: 1,
    reason: 'NULs in Call-ID: tshark stops at the first, ours keeps them as U+FFFD',
  },
];

type Known = Record<string, string>;

/** The differences of two lists of messages that KNOWN does not explain, as text. */
export function differences(file: string, expected: readonly object[], found: readonly object[]): string[] {
  const unexplained: string[] = [];
  const budget = new Map(KNOWN.filter((known) => known.file === file).map((known) => [known.difference, known.times]));
  const say = (difference: string, detail: string) => {
    const left = budget.get(difference) ?? 0;
    if (left > 0) budget.set(difference, left - 1);
    else unexplained.push(`${difference}: ${detail}`);
  };
  const rest = (found as Known[]).slice();
  for (const want of expected as Known[]) {
    const at = bestMatch(rest, want);
    if (at < 0) {
      say('missing', JSON.stringify(want));
      continue;
    }
    const [have] = rest.splice(at, 1);
    for (const member of Object.keys(want)) {
      if (want[member] !== have[member]) say(member, `tshark ${JSON.stringify(want[member])}, ours ${JSON.stringify(have[member])}`);
    }
  }
  for (const have of rest) say('extra', JSON.stringify(have));
  for (const [difference, left] of budget) if (left > 0) unexplained.push(`${difference}: listed as known ${left} times more than seen`);
  return unexplained;
}

/** The same digest at the same time, else the same digest, else the same time and endpoints. */
function bestMatch(rest: readonly Known[], want: Known): number {
  const exact = rest.findIndex((have) => have.sha256 === want.sha256 && have.time === want.time && have.source === want.source);
  if (exact >= 0) return exact;
  const same = rest.findIndex((have) => have.sha256 === want.sha256);
  if (same >= 0) return same;
  return rest.findIndex((have) => have.time === want.time && have.source === want.source && have.destination === want.destination);
}
