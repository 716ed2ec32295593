/** HEP listeners and targets as users write them. */
import { expect, test } from '@jest/globals';
import { parseHepEndpoint, parseHepListener } from '../../src/lib/base/index.js';

test.each([
  ['9060', { transport: 'udp', host: '0.0.0.0', port: 9060 }],
  [':9061', { transport: 'udp', host: '0.0.0.0', port: 9061 }],
  ['hep_tcp:9062', { transport: 'tcp', host: '0.0.0.0', port: 9062 }],
  ['tls::9063', { transport: 'tls', host: '0.0.0.0', port: 9063 }],
  ['127.0.0.1', { transport: 'udp', host: '127.0.0.1', port: 9060 }],
  ['hep_tls:[::1]', { transport: 'tls', host: '::1', port: 9061 }],
])('the listener %s', (text, endpoint) => {
  expect(parseHepListener(text)).toEqual(endpoint);
});

test('a target needs a host', () => {
  expect(() => parseHepEndpoint('9060')).toThrow("invalid HEP endpoint '9060': expected a host before the port: hep_udp:127.0.0.1:9060");
  expect(() => parseHepEndpoint('hep_tcp:9060')).toThrow('expected a host before the port: hep_tcp:127.0.0.1:9060');
});
