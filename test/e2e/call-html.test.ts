/** The page of a ladder in a real browser: at two widths, in light and dark, with keys and clicks, printed, and under its own policy. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser, hasChromium } from '../rigs/browser.js';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => {
  killAll();
  folder.remove();
});

test('the shipped example is what call show prints', async () => {
  const { stdout } = await sipcap(['call', 'show', 'c1f0@192.0.2.10', '-r', 'samples/sample.pcap', '--format', 'html'], {
    env: { TZ: 'UTC' },
  });
  expect(stdout).toBe(readFileSync(join(root, 'docs/examples/call.html'), 'utf8'));
});

(hasChromium ? describe : describe.skip)('in Chromium', () => {
  const page = `file://${join(folder.path, 'call.html')}`;
  let browser: Browser;
  beforeAll(() => {
    writeFileSync(join(folder.path, 'call.html'), readFileSync(join(root, 'docs/examples/call.html')));
    browser = new Browser(folder.path);
  });
  afterAll(() => browser.close());

  const open = () => browser.evaluate<string>(`[...document.querySelectorAll('details[open]')].map(({ id }) => id).join()`);
  const shown = () => browser.evaluate<number>(`[...document.querySelectorAll('details.row')].filter(({ hidden }) => !hidden).length`);

  test('a message opens by click and by key; keys move the selection; the search keeps the matches', async () => {
    await browser.open(page, 1280);
    expect(await shown()).toBe(7);
    await browser.click('#m4 summary');
    expect(await open()).toBe('m4');
    expect(await browser.evaluate(`document.querySelector('#m4 pre').textContent.split('\\n')[0].trim()`)).toBe('SIP/2.0 200 OK');
    await browser.key('Escape');
    expect(await open()).toBe('');
    await browser.key('Home');
    for (const key of ['j', 'ArrowDown', 'k', 'Enter']) await browser.key(key);
    expect(await open()).toBe('m2');
    await browser.key('/');
    for (const key of 'telephone') await browser.key(key);
    expect(await shown()).toBe(2);
    expect(await browser.evaluate(`document.querySelector('.count').textContent`)).toBe('2 of 7');
    await browser.key('Escape');
    expect(await shown()).toBe(7);
    expect(browser.complaints()).toEqual([]);
  }, 150_000);

  test('its content policy blocks all other scripts and loads', async () => {
    await browser.open(page, 1280);
    await browser.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruder = true';
      document.body.append(script);
      const image = document.createElement('img');
      image.src = 'http://127.0.0.1:9/x.png';
      document.body.append(image);
    })()`);
    expect(await browser.evaluate('window.intruder === undefined')).toBe(true);
    const complaints = browser.complaints().join('\n');
    expect(complaints).toMatch(/script.*Content Security Policy/i);
    expect(complaints).toMatch(/image.*Content Security Policy/i);
  }, 150_000);

  test.each([
    [1280, 'light'],
    [480, 'light'],
    [1280, 'dark'],
  ] as const)(
    '%d pixels wide, %s',
    async (width, scheme) => {
      await browser.open(page, width, scheme);
      const png = await browser.screenshot();
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, 900]);
      // An empty page of that size is a few thousand bytes.
      expect(png.length).toBeGreaterThan(15_000);
      const [text, back] = await browser.evaluate<string[]>(
        `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]`,
      );
      expect(text === back).toBe(false);
      expect(back).toBe(scheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
      // The participants stay in sight, whatever is scrolled to.
      await browser.evaluate(`document.querySelectorAll('details.row').forEach((row) => (row.open = true))`);
      await browser.evaluate('scrollTo(0, document.body.scrollHeight / 2)');
      const [top, scrolled] = await browser.evaluate<number[]>(`[document.querySelector('.lanes').getBoundingClientRect().top, scrollY]`);
      expect(scrolled).toBeGreaterThan(300);
      expect(top).toBeCloseTo(0, 0);
    },
    150_000,
  );

  test('prints on paper', async () => {
    await browser.open(page, 1280);
    expect((await browser.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  }, 150_000);
});
