/**
 * PPP protocol field (RFC 1661 section 2), after address and control FF 03 unless these are left out; one byte if the
 * field is compressed (section 6.5).
 */
import { u16 } from '../base/index.js';
import { LAYER_OF_PPP_PROTOCOL } from './next-layer.js';
import type { Walk } from './walk.js';

const ADDRESS_AND_CONTROL = 0xff03;
/** RFC 1661 section 2: the last byte of the field is odd, its first byte even. */
const ODD = 1;

export function ppp(walk: Walk): number {
  const { bytes } = walk;
  if (walk.end - walk.at < 2) return walk.short('ppp', 2);
  if (u16(bytes, walk.at) === ADDRESS_AND_CONTROL) walk.at += 2;
  if (walk.end - walk.at < 2) return walk.short('ppp', 2);
  const first = bytes[walk.at];
  const protocol = (first & ODD) === ODD ? first : u16(bytes, walk.at);
  walk.at += (first & ODD) === ODD ? 1 : 2;
  return walk.orUnknown(LAYER_OF_PPP_PROTOCOL[protocol], 'ppp');
}
