/**
 * A frame as text, one line per layer, and the fault at which it ends: for people, and for fuzzing, since random bytes
 * reach every reader from here.
 */
import { AddressTextCache, endpointText, fault, faultText, type Frame } from '../base/index.js';
import { AGGREGATE, CHUNKS, DATAGRAM, FIRST_LAYER, FRAGMENT, SEGMENT, STOP } from './layer-ids.js';
import { LAYERS, MAX_LAYERS } from './layers.js';
import { LAYER_OF_LINK_TYPE, linkTypeText } from './link-types.js';
import { Packet } from './packet.js';
import { DataChunk, nextDataChunk } from './sctp-chunks.js';
import { Walk } from './walk.js';

export function printFrame(frame: Frame): string[] {
  const packet = new Packet(new AddressTextCache(), false);
  const walk = new Walk(packet);
  packet.begin(frame);
  walk.begin(frame.bytes, frame.from, frame.to, frame.originalLength);
  const lines = [
    `frame ${frame.number}: link type ${linkTypeText(frame.linkType)}, ${frame.to - frame.from} of ${frame.originalLength} bytes`,
  ];
  const first = LAYER_OF_LINK_TYPE[frame.linkType] ?? STOP;
  if (first === STOP) walk.fail('unknown_link_type', 'frame');
  printLayers(walk, first, frame, lines);
  for (let { restAt } = walk; restAt > 0; restAt = walk.restAt) {
    packet.begin(frame);
    walk.begin(frame.bytes, restAt, frame.to, frame.originalLength - (restAt - frame.from));
    printLayers(walk, AGGREGATE, frame, lines);
  }
  return lines;
}

function printLayers(walk: Walk, first: number, frame: Frame, lines: string[]): void {
  const { packet } = walk;
  let layer = first;
  for (let left = MAX_LAYERS; layer >= FIRST_LAYER; left--) {
    if (left === 0) {
      layer = walk.fail('too_deep', 'frame');
      break;
    }
    const row = LAYERS.find((candidate) => candidate.number === layer)!;
    const { at } = walk;
    const headers = walk.ipHeaders;
    layer = row.read(walk);
    const addresses = walk.ipHeaders > headers ? `, ${packet.sourceAddress()} -> ${packet.destinationAddress()}` : '';
    // An ordinary datagram on the port of a tunnel.
    if (layer === DATAGRAM && walk.at === at) lines[lines.length - 1] += endText(walk, layer);
    else if (walk.fault === '' || walk.at > at)
      lines.push(`${row.name} at ${at - frame.from}: ${walk.at - at} bytes${addresses}${endText(walk, layer)}`);
  }
  if (layer === CHUNKS) printChunks(walk, frame, lines);
  if (walk.fault !== '') {
    lines.push(faultText(fault(walk.fault, walk.faultPart, walk.faultAt - frame.from, walk.faultNeeded, walk.faultLeft)));
  }
}

function endText(walk: Walk, end: number): string {
  const { packet } = walk;
  const missing = walk.missing > 0 ? `, ${walk.missing} cut off` : '';
  const payload = `, payload ${walk.end - walk.at} bytes${missing}`;
  const ports = `, ${endpointText(packet.sourceAddress(), packet.sourcePort)} -> ${endpointText(packet.destinationAddress(), packet.destinationPort)}`;
  switch (end) {
    case DATAGRAM:
      return ports + payload;
    case SEGMENT:
      return `${ports}, sequence ${walk.sequence >>> 0}, flags 0x${packet.tcpFlags.toString(16)}${payload}`;
    case CHUNKS:
      return ports;
    case FRAGMENT:
      return `, fragment ${walk.fragmentId >>> 0} at ${walk.fragmentOffset}${walk.fragmentMore ? ', more follow' : ', the last'}${payload}`;
    default:
      return '';
  }
}

function printChunks(walk: Walk, frame: Frame, lines: string[]): void {
  const chunk = new DataChunk();
  while (nextDataChunk(walk, chunk)) {
    const place = chunk.first ? (chunk.last ? 'whole' : 'first') : chunk.last ? 'last' : 'middle';
    lines.push(
      `sctp data at ${chunk.from - frame.from}: ${chunk.to - chunk.from} bytes, transmission ${chunk.transmission >>> 0}, ${place}`,
    );
  }
}
