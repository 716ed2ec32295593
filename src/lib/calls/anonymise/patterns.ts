/** What is recognised in text wherever it occurs. */

export const SCHEME = /^(?:sips?|tel|https?|mailto|xmpp|im|pres|wss?|urn|data):/i;
export const URI = /\b(?:sips?|tel|https?|mailto|xmpp|im|pres|wss?):[^\s<>"',]+/gi;
/** Services and names of standards; other URNs identify devices. */
export const URN = /\burn:(?:urn-\d+|service|3gpp|ietf|nena):[\w.:-]+/gi;
/** A display name before the URI it belongs to (RFC 3261 section 25.1 `name-addr`), in a header without a rule. */
export const NAMED = /"((?:[^"\\]|\\.){0,256})"(?=\s*<)|(?<=(?:^|,)\s*)[^\s<>",;:=][^<>",;:=]*(?=<(?:sips?|tel):)/gi;
/** `user@host` without a scheme. */
export const MAILBOX = /([^\s<>"',;:=@()[\]\\/|\0]{1,256})@(\[[0-9a-f:.]+\]|[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?)/giu;
export const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b/gi;
/** IEEE 802 notations, that of Cisco, and bare (with a letter: else it is a number), also after a prefix such as `SEP` or `mac`. */
export const MAC = new RegExp(
  [
    String.raw`(?<![0-9a-f]|(?<![0-9a-z])[0-9a-f]{2}:)[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![0-9a-f]|:[0-9a-f]{2}(?![0-9a-z]))`,
    String.raw`(?<![0-9a-f])[0-9a-f]{2}(?:-[0-9a-f]{2}){5}(?![0-9a-f])`,
    String.raw`(?:(?<![0-9a-f])|(?<=[g-z][a-f]{1,4}))(?=[\d.-]{0,13}[a-f])(?:[0-9a-f]{6}-?[0-9a-f]{6}|[0-9a-f]{4}([.-])[0-9a-f]{4}\1[0-9a-f]{4})(?![0-9a-f])`,
  ].join('|'),
  'gi',
);
/** With dots, or with what replaces them in host names; `10.0.0.1.5060` is an address with a port. */
export const IPV4 = new RegExp(
  ['[.]', '-', '_'].map((dot) => String.raw`(?<!\d|\d${dot})\d{1,3}(?:${dot}\d{1,3}){3}(?!\d|${dot}\d{1,3}(?!\d))`).join('|'),
  'g',
);
/** Also after `name:`, and before a colon that ends it; not the `::ffff:` before an IPv4 address that was replaced (`\0`). */
export const IPV6 =
  /(?<![0-9a-z])(?<!(?<![0-9a-z])[0-9a-f]{0,4}:)(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{0,4}|(?:\d{1,3}\.){3}\d{1,3})(?![0-9a-z\0]|:[0-9a-f:\0])/gi;
export const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_.+~-]*/gu;

/** Labels and a last one of letters only (RFC 3696 section 2); not the feature tags of RFC 3840, which begin with a plus. */
export const HOST_NAME =
  /(?<![\p{L}\p{N}_]|[\p{L}\p{N}_][.-]{1,2}|(?:^|[;,\s])\+)(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+(?:xn--[a-z0-9-]*[a-z0-9]|\p{L}{2,})(?![\p{L}\p{N}_])/giu;
/** `sip.js`, `index.php`: no such top level domains. */
const FILE = /^[^.]+\.(?:js|exe|dll|conf|cfg|xml|json|log|txt|wav|html?|php)$/i;
/** `2.4.dev`. */
const VERSION = /^v?\d+(?:\.\d+)*\.(?:dev|rc|alpha|beta|pre|post|final|release|stable|snapshot|git|svn|build|patch|cert|deb|rpm|el|fc)$/i;

/** Whether what HOST_NAME found is one. */
export function isHostName(text: string): boolean {
  return !FILE.test(text) && !VERSION.test(text);
}
