/** YAML that nests: bounded work however deep, and what settings need stays readable. */
import { describe, expect, test } from '@jest/globals';
import { yamlDocument } from '../../src/lib/config/yaml-document.js';

const codes = (text: string) => yamlDocument(text).errors.map(({ code }) => code);

describe('nesting', () => {
  test.each(['{', '[', '{a: ', 'a: [', '- ', '? ', '- - ? ', '[{'])('of %j ends early', (one) => {
    // Composed, a hundredth of it takes tens of milliseconds and ends in hundreds of errors.
    expect(codes(`socket:\n  ${one.repeat(20_000)}`)).toEqual(['RESOURCE_EXHAUSTION']);
  });

  test('of lines ends early', () => {
    expect(codes(Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''))).toEqual(['RESOURCE_EXHAUSTION']);
  });

  test('of thirty levels is read, also a thousand times', () => {
    const flow = '['.repeat(30) + ']'.repeat(30);
    const block = Array.from({ length: 30 }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
    expect([codes(`a: ${flow}`), codes(block), codes(`a:\n${`  - ${flow}\n`.repeat(1000)}`)]).toEqual([[], [], []]);
  });
});

test('the offsets of lines', () => {
  const offsets: number[] = [];
  yamlDocument('a: 1\nb: 2\n', (offset) => offsets.push(offset));
  expect(offsets).toEqual([0, 5, 10]);
});
