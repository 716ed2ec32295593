/** HEPv3 packets to messages, against a plain walk over the chunks and against the npm package hep-js. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AddressTextCache } from '../dist/lib/base/index.js';
import { Hep3Fields, HepDecoder, HepEncoder, RepeatWindow, contentCheck } from '../dist/lib/hep/index.js';
import { hep3, sipMessages } from './corpus.mjs';
import { compare, line } from './measure.mjs';

const PEERS = new URL('.peers/', import.meta.url);

export async function run() {
  const packets = sipMessages(4900).map(hep3);
  const fields = new Hep3Fields();
  const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  const peer = { peerAddress: '127.0.0.1', peerPort: 9060, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };
  const works = [
    { name: 'walk', items: packets.length * 20, run: () => repeat(20, packets, walk) },
    { name: 'fields', items: packets.length * 20, run: () => repeat(20, packets, (packet) => fields.walk(packet, 0, packet.length)) },
    {
      name: 'ours',
      items: packets.length * 20,
      run: () => repeat(20, packets, (packet) => decoder.decode(packet, 0, packet.length, 1.8e15, peer)),
    },
  ];
  works.push(...encoding(packets.map((packet) => decoder.decode(packet, 0, packet.length, 1.8e15, peer))));
  works.push({ name: 'repeats', items: packets.length * 20, run: repeats(packets, fields) });
  const hepJs = loadHepJs();
  if (hepJs !== null)
    works.push({ name: 'hep-js', items: packets.length, run: () => repeat(1, packets, (packet) => hepJs.decapsulate(packet)) });
  const best = compare(works);
  line('bare walk over the chunks', `${best.get('walk').toFixed(0)} ns a packet`);
  line(
    'HEPv3 walk: every field into a reused record',
    `${best.get('fields').toFixed(0)} ns a packet, ${(best.get('fields') / best.get('walk')).toFixed(1)} times the walk`,
    { ns: best.get('fields') },
  );
  line(
    'HEPv3 to message',
    `${best.get('ours').toFixed(0)} ns a packet, ${(best.get('ours') / best.get('walk')).toFixed(1)} times the walk`,
    { ns: best.get('ours') },
  );
  line('message to HEPv3, without identity', `${best.get('plain').toFixed(0)} ns a packet`, { ns: best.get('plain') });
  line(
    'message to HEPv3, with identity',
    `${best.get('identified').toFixed(0)} ns a packet, ${(100 * (best.get('identified') / best.get('plain') - 1)).toFixed(1)} % more`,
    { ns: best.get('identified') },
  );
  line('whether a packet is a repeat (walk, check, window)', `${best.get('repeats').toFixed(0)} ns a packet`, { ns: best.get('repeats') });
  if (hepJs !== null)
    line(
      'hep-js decapsulate',
      `${best.get('hep-js').toFixed(0)} ns a packet: ${(best.get('hep-js') / best.get('fields')).toFixed(0)} times our walk (target: 50 or more), ${(best.get('hep-js') / best.get('ours')).toFixed(0)} times our messages`,
    );
}

/** Messages to packets, without and with the identity chunk. */
function encoding(messages) {
  const options = { version: 3, captureId: 1, authKey: null, captureName: '', compress: false };
  messages.forEach((message, i) => {
    message.stream = 0xf00dcafe12345678n;
    message.sequence = i + 1;
  });
  return [
    ['plain', false],
    ['identified', true],
  ].map(([name, identity]) => {
    const encoder = new HepEncoder({ ...options, identity });
    return { name, items: messages.length * 20, run: () => repeat(20, messages, (message) => encoder.encode(message)) };
  });
}

/** Every packet is new. */
function repeats(packets, fields) {
  const window = new RepeatWindow();
  let sequence = 0;
  return () =>
    repeat(20, packets, (packet) => {
      fields.walk(packet, 0, packet.length);
      window.take('127.0.0.1', 1n, ++sequence, contentCheck(packet, fields.payloadFrom, fields.payloadTo));
    });
}

function repeat(times, packets, work) {
  for (let i = 0; i < times; i++) for (const packet of packets) work(packet);
}

/** The minimum of any reader: find every chunk. */
function walk(packet) {
  let at = 6;
  let sum = 0;
  while (at + 6 <= packet.length) {
    const length = (packet[at + 4] << 8) | packet[at + 5];
    sum += (packet[at + 2] << 8) | packet[at + 3];
    at += length;
  }
  return sum;
}

function loadHepJs() {
  if (!existsSync(new URL('node_modules/hep-js', PEERS))) {
    try {
      execFileSync(
        'npm',
        ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', PEERS.pathname, 'hep-js@1.0.22'],
        { stdio: 'ignore' },
      );
    } catch {
      console.log('hep-js could not be fetched: no comparison with it');
      return null;
    }
  }
  return createRequire(PEERS)('hep-js');
}
