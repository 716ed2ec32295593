/** Targets that lead back to a listener of the same process, and those that only look like it. */
import { networkInterfaces } from 'node:os';
import { expect, test } from '@jest/globals';
import { ownListenerProblem, parseHepEndpoint } from '../../src/lib/base/index.js';

const leadsBack = (target: string, listener: string) => ownListenerProblem(parseHepEndpoint(target), [parseHepEndpoint(listener)]) !== '';

test.each([
  ['hep_udp:127.0.0.1:9060', 'hep_udp:0.0.0.0:9060'],
  ['hep_udp:localhost', 'hep_udp:localhost'],
  ['hep_udp:LOCALHOST', 'hep_udp:127.0.0.1'],
  ['hep_udp:0.0.0.0', 'hep_udp:127.0.0.1'],
  ['hep_tcp:[::1]', 'hep_tcp:[::]'],
  ['hep_tcp:[::ffff:127.0.0.1]', 'hep_tcp:127.0.0.1'],
  ['hep_tcp:[::]', 'hep_tcp:[::1]'],
  ['hep_tcp:[0:0:0:0:0:0:0:1]', 'hep_tcp:[::1]'],
  ['hep_tcp:node.example.net', 'hep_tcp:node.example.net'],
])('%s leads back to %s', (target, listener) => expect(leadsBack(target, listener)).toBe(true));

test.each([
  ['hep_udp:127.0.0.1', 'hep_udp:[::]'],
  ['hep_udp:[::1]', 'hep_udp:0.0.0.0'],
  ['hep_tcp:127.0.0.1', 'hep_udp:127.0.0.1'],
  ['hep_udp:127.0.0.1:9061', 'hep_udp:0.0.0.0:9060'],
  ['hep_udp:127.0.0.1:0', 'hep_udp:0.0.0.0:0'],
  ['hep_udp:192.0.2.77', 'hep_udp:0.0.0.0'],
])('%s does not lead to %s', (target, listener) => expect(leadsBack(target, listener)).toBe(false));

test('an address of this host leads to a listener on all of its family', () => {
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
    if (family === 'IPv4') expect([leadsBack(address, '0.0.0.0'), leadsBack(address, '[::]')]).toEqual([true, false]);
});
