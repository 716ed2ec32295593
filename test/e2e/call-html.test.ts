/** The page of a ladder in a real browser: at two widths, with its script, in light and dark. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const hasChromium = spawnSync('which', ['chromium']).status === 0;
afterAll(() => {
  killAll();
  folder.remove();
});

function chromium(...flags: string[]) {
  const profile = `--user-data-dir=${join(folder.path, 'profile')}`;
  return spawnSync('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', profile, ...flags], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, HOME: folder.path },
  });
}

test('the shipped example is what call show prints', async () => {
  const { stdout } = await sipcap(['call', 'show', 'c1f0@192.0.2.10', '-r', 'samples/sample.pcap', '--format', 'html'], {
    env: { TZ: 'UTC' },
  });
  expect(stdout).toBe(readFileSync(join(root, 'docs/examples/call.html'), 'utf8'));
});

(hasChromium ? describe : describe.skip)('in Chromium', () => {
  const page = join(folder.path, 'call.html');
  writeFileSync(page, readFileSync(join(root, 'docs/examples/call.html')));

  test('the script runs under its policy, and every message is there', () => {
    const { stdout } = chromium('--dump-dom', `file://${page}`);
    expect(stdout).toMatch(/<input class="search"(?![^>]* hidden)[^>]*>/);
    expect(stdout.match(/<details class="row"/g)).toHaveLength(7);
  }, 150_000);

  test.each([1280, 480])(
    'is drawn %d pixels wide',
    (width) => {
      const picture = join(folder.path, `${width}.png`);
      chromium(`--window-size=${width},900`, `--screenshot=${picture}`, `file://${page}`);
      const png = readFileSync(picture);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, 900]);
      // An empty page of that size is a few thousand bytes.
      expect(png.length).toBeGreaterThan(15_000);
    },
    150_000,
  );
});
