/** Debian's Chromium, driven through the pipe of its debugging protocol: real keys, real clicks, real pictures. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { until } from './sipcap.js';

export const hasChromium = spawnSync('which', ['chromium']).status === 0;

interface Answer {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export class Browser {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly logged: string[] = [];
  private buffered = '';
  private count = 0;
  private session = '';

  /** `home`: a separate folder. */
  constructor(home: string) {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${home}/profile`];
    this.child = spawn('chromium', [...flags, '--remote-debugging-pipe', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: home },
      // A process group of its own, to be ended as a whole.
      detached: true,
    });
    (this.child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.take(text));
  }

  /** A page at a width in pixels, in light or dark. */
  async open(url: string, width: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    if (this.session === '') {
      const { targetInfos } = await this.ask('Target.getTargets');
      const { targetId } = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === 'page')!;
      const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
      this.session = sessionId as string;
      for (const domain of ['Page', 'Log', 'Runtime']) await this.ask(`${domain}.enable`);
    }
    await this.ask('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await this.ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await this.ask('Page.navigate', { url });
    while ((await this.evaluate('document.readyState')) !== 'complete') await new Promise((resume) => setTimeout(resume, 20));
  }

  /** Evaluates an expression in the page; the debugger is not bound by the page's policy. */
  async evaluate<T = unknown>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async key(key: string): Promise<void> {
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    const windowsVirtualKeyCode = { Enter: 13, Escape: 27, ArrowDown: 40, ArrowUp: 38 }[key];
    await this.ask('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, text, windowsVirtualKeyCode });
    await this.ask('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, windowsVirtualKeyCode });
  }

  async click(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(
      `(() => { const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`,
    );
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.ask('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.ask('Page.captureScreenshot', { format: 'png' })).data as string, 'base64');
  }

  async pdf(): Promise<Buffer> {
    return Buffer.from((await this.ask('Page.printToPDF', { landscape: true })).data as string, 'base64');
  }

  /** What the browser complained about: scripts and styles that its policy forbids, errors. */
  complaints(): readonly string[] {
    return this.logged;
  }

  /** Waits until all its processes are gone: those that remain still write into its profile. */
  async close(): Promise<void> {
    const { pid } = this.child;
    const isOver = new Promise((done) => this.child.once('exit', done));
    process.kill(-pid!, 'SIGKILL');
    await isOver;
    await until(() => !isGroupAlive(pid!), 'the end of Chromium');
  }

  private ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.count;
    const isOfBrowser = method.startsWith('Target.');
    (this.child.stdio[3] as Writable).write(
      `${JSON.stringify({ id, method, params, ...(isOfBrowser || this.session === '' ? {} : { sessionId: this.session }) })}\0`,
    );
    return new Promise((resolve, reject) =>
      this.waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      ),
    );
  }

  private take(text: string): void {
    const pieces = (this.buffered + text).split('\0');
    this.buffered = pieces.pop()!;
    for (const piece of pieces) {
      const answer = JSON.parse(piece) as Answer;
      if (answer.method === 'Log.entryAdded') this.logged.push((answer.params!.entry as { text: string }).text);
      if (answer.method === 'Runtime.exceptionThrown') this.logged.push(JSON.stringify(answer.params));
      if (answer.id === undefined) continue;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    }
  }
}

function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}
