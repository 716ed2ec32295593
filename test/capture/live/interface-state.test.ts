/** Reading the kernel's tables. */
import { describe, expect, test } from '@jest/globals';
import { interfaceNames, linkKindOf, maybeUp, openDescriptors, socketState } from '../../../src/lib/capture/live/interface-state.js';
import { linkTypeNumber } from '../../../src/lib/capture/live/pcap-binding.js';

const TABLE = [
  'sk               RefCnt Type Proto  Iface R Rmem   User   Inode',
  '00000000e4709901 3      3    0003   2     1 0      0      343806',
  '00000000e4709902 2      3    0003   3     0 0      0      43806',
  '00000000e4709903 2      3    0003   -1    0 0      0      343807',
  '00000000e4709904 2      3    0003   0     1 0      0      343808',
  '',
].join('\n');

describe('interface state', () => {
  test.each([
    ['343806', 'up'],
    ['43806', 'down'],
    ['343807', 'gone'],
    ['343808', 'up'],
    ['1', 'up'],
    ['', 'up'],
  ])('socket %s is %s', (inode, state) => {
    expect(socketState(TABLE, inode)).toBe(state);
  });

  test('the loopback exists, is up and has Ethernet frames; an unknown interface does not exist', () => {
    expect(interfaceNames()).toContain('lo');
    expect(maybeUp('lo')).toBe(true);
    expect(maybeUp('any')).toBe(true);
    expect(maybeUp('nosuch0')).toBe(false);
    expect(linkKindOf('lo')).toBe('ethernet');
    expect(linkKindOf('any')).toBe('cooked');
  });

  test('the three standard descriptors are open', () => {
    expect(openDescriptors()).toEqual(expect.arrayContaining([0, 1, 2]));
  });

  test.each([
    ['LINKTYPE_ETHERNET', 1],
    ['LINKTYPE_LINUX_SLL', 113],
    ['LINKTYPE_RAW', 101],
    ['Unknown linktype 276', 276],
    ['?', -1],
  ])('%s is link type %i', (word, number) => {
    expect(linkTypeNumber(word)).toBe(number);
  });
});
