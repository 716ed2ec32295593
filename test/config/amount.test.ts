/** Sizes and ages: what a number without a unit means, and the error if it is ambiguous. */
import { describe, expect, test } from '@jest/globals';
import { ageSeconds, ageText, keepSeconds, parameterSeconds, sizeBytes } from '../../src/lib/config/amount.js';

describe('durations', () => {
  test.each([
    ['30s', 30],
    ['5m', 300],
    ['1.5h', 5400],
    ['7D', 604_800],
    ['8 w', 4_838_400],
    ['0', 0],
  ])('%s', (text, seconds) => {
    expect(ageSeconds(text)).toBe(seconds);
    expect(ageSeconds(ageText(seconds))).toBe(seconds);
  });

  test.each([
    ['14', "invalid duration '14': expected a unit: 14d or 14s?"],
    ['1.5', "invalid duration '1.5': expected a unit: 1.5d or 1.5s?"],
    ['5b', "invalid duration '5b': expected a number with s, m, h, d or w, as 30s"],
    ['5db', "invalid duration '5db': expected a number with s, m, h, d or w, as 30s"],
    ['-5s', "invalid duration '-5s': expected a number with s, m, h, d or w, as 30s"],
    ['', "invalid duration '': expected a number with s, m, h, d or w, as 30s"],
  ])('%s is an error', (text, message) => {
    expect(() => ageSeconds(text)).toThrow(message);
  });

  test('OpenSIPS parameters are in seconds, as in OpenSIPS', () => {
    expect([parameterSeconds('60'), parameterSeconds('10m'), parameterSeconds('0')]).toEqual([60, 600, 0]);
  });
});

describe('ages beyond which data is deleted', () => {
  test.each([
    ['36h', 129_600],
    ['14d', 1_209_600],
    ['8w', 4_838_400],
    ['0', 0],
  ])('%s', (text, seconds) => expect(keepSeconds(text)).toBe(seconds));

  test.each([
    ['14', "invalid age '14': expected a unit: 14d or 14h?"],
    ['6M', "invalid age '6M': expected a number with h, d or w, as 36h"],
    ['14s', "invalid age '14s': expected a number with h, d or w, as 36h"],
  ])('%s is an error', (text, message) => {
    expect(() => keepSeconds(text)).toThrow(message);
  });
});

test.each([
  ['1000', 1000],
  ['20G', 20e9],
  ['500MB', 500e6],
  ['5b', 5],
  ['1.5k', 1500],
])('the size %s', (text, bytes) => expect(sizeBytes(text)).toBe(bytes));

test('invalid sizes', () => {
  expect(() => sizeBytes('20X')).toThrow("invalid size '20X': expected a number of bytes, or one with K, M, G or T, as 20G");
});
