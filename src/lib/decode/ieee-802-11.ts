/**
 * IEEE 802.11 data frames that are not encrypted (IEEE 802.11-2020 section 9.3.2.1), little-endian:
 *   0 frame control 2, 2 duration 2, 4 three addresses of 6, 22 sequence control 2, then optionally: 24 fourth address 6
 *   (to and from a distribution system), QoS control 2, HT control 4; then LLC, or an aggregate of such frames
 */
import { u16le, u24 } from '../base/index.js';
import { SUBFRAME_BYTES } from './aggregate.js';
import { AGGREGATE, LLC } from './layer-ids.js';
import type { Walk } from './walk.js';

const FRAME_CONTROL = 0;
const HEADER_BYTES = 24;
const ADDRESS_BYTES = 6;
const QOS_BYTES = 2;
const HT_BYTES = 4;

const VERSION_AND_TYPE = 0x000f;
const DATA = 0x0008;
/** Subtypes: 0x40 of a frame without a body, 0x80 with QoS. */
const NO_BODY = 0x0040;
const QOS = 0x0080;
const BOTH_DS = 0x0300;
const PROTECTED = 0x4000;
const HT_CONTROL = 0x8000;
/** Of QoS control. */
const IS_AGGREGATE = 0x0080;
const LLC_SNAP = 0xaaaa03;
/** Some cards pad the header to a multiple of four (radiotap flag 0x20). */
const PAD_BYTES = 2;

export function ieee80211(walk: Walk): number {
  const { bytes, at } = walk;
  const there = walk.end - at;
  if (there < HEADER_BYTES) return walk.short('802.11', HEADER_BYTES);
  const control = u16le(bytes, at + FRAME_CONTROL);
  if ((control & VERSION_AND_TYPE) !== DATA || (control & NO_BODY) !== 0) return walk.fail('unknown_protocol', '802.11');
  if ((control & PROTECTED) !== 0) return walk.fail('unknown_protocol', '802.11');
  let length = HEADER_BYTES + ((control & BOTH_DS) === BOTH_DS ? ADDRESS_BYTES : 0);
  let isAggregate = false;
  if ((control & QOS) !== 0) {
    if (length + QOS_BYTES > there) return walk.fail('truncated', '802.11', length + QOS_BYTES, there);
    isAggregate = (u16le(bytes, at + length) & IS_AGGREGATE) !== 0;
    length += QOS_BYTES + ((control & HT_CONTROL) !== 0 ? HT_BYTES : 0);
  }
  if (length > there) return walk.fail('truncated', '802.11', length, there);
  const snapAt = at + length + (isAggregate ? SUBFRAME_BYTES : 0);
  const isPadded = (length & 3) !== 0 && snapAt + PAD_BYTES + 3 <= walk.end && u24(bytes, snapAt) !== LLC_SNAP;
  walk.at = at + length + (isPadded && u24(bytes, snapAt + PAD_BYTES) === LLC_SNAP ? PAD_BYTES : 0);
  return isAggregate ? AGGREGATE : LLC;
}
