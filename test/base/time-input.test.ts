/** Times as people write them, in zones. */
import { describe, expect, test } from '@jest/globals';
import { Zone, parseTime, spanOf } from '../../src/lib/base/time/index.js';

/** 2026-11-25 10:20:30.5 UTC. */
const NOW = Date.UTC(2026, 10, 25, 10, 20, 30, 500) * 1000;
const utc = new Zone('UTC');
const berlin = new Zone('Europe/Berlin');
const read = (text: string, zone = utc) => new Date(parseTime(text, '--since', NOW, zone) / 1000).toISOString();

describe('times', () => {
  test.each([
    ['now', '2026-11-25T10:20:30.500Z'],
    ['today', '2026-11-25T00:00:00.000Z'],
    ['yesterday', '2026-11-24T00:00:00.000Z'],
    ['tomorrow', '2026-11-26T00:00:00.000Z'],
    ['-1h', '2026-11-25T09:20:30.500Z'],
    ['+90 min', '2026-11-25T11:50:30.500Z'],
    ['-1h30m', '2026-11-25T08:50:30.500Z'],
    ['2 days ago', '2026-11-23T10:20:30.500Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20 10:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:01.25', '2026-11-20T10:00:01.250Z'],
    ['2026-11-20 10:00 Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00+02:00', '2026-11-20T08:00:00.000Z'],
    ['09:30', '2026-11-25T09:30:00.000Z'],
    ['@1700000000', '2023-11-14T22:13:20.000Z'],
  ])('%s is %s', (text, wanted) => {
    expect(read(text)).toBe(wanted);
  });

  test.each(['', 'soon', '2026-13-01', '2026-02-30', '25:00', '10', '-1', '-1x', '2026-11-20 10', '1e3'])('%j is refused', (text) => {
    expect(() => read(text)).toThrow(`invalid --since '${text}'`);
  });

  test('are read in the time zone, with or without daylight saving', () => {
    expect(read('2026-11-20 10:00', berlin)).toBe('2026-11-20T09:00:00.000Z');
    expect(read('2026-07-20 10:00', berlin)).toBe('2026-07-20T08:00:00.000Z');
    expect(read('today', berlin)).toBe('2026-11-24T23:00:00.000Z');
    // The hour that does not exist, and the one that exists twice.
    expect(read('2026-03-29 02:30', berlin)).toMatch(/^2026-03-29T0[01]:30/);
    expect(read('2026-10-25 02:30', berlin)).toMatch(/^2026-10-25T0[01]:30/);
    expect(read('2026-11-20 10:00Z', berlin)).toBe('2026-11-20T10:00:00.000Z');
  });

  test('are printed in the time zone', () => {
    const at = Date.UTC(2026, 6, 1, 22, 30) * 1000 + 123_456;
    expect(utc.text(at)).toBe('2026-07-01 22:30:00.123456');
    expect(berlin.text(at)).toBe('2026-07-02 00:30:00.123456');
    expect(berlin.text(Date.UTC(2026, 11, 1, 22, 30) * 1000)).toBe('2026-12-01 23:30:00.000000');
    expect(berlin.label).toBe('Europe/Berlin');
    expect(() => new Zone('Mars/Base')).toThrow("unknown time zone 'Mars/Base'");
  });

  test('time ranges', () => {
    expect(spanOf('1h')).toBe(3600e6);
    expect(spanOf('1d12h')).toBe(129_600e6);
    expect(spanOf('1.5h')).toBe(5400e6);
    expect(spanOf('5')).toBeNull();
  });
});
