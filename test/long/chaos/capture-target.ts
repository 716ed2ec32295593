/** A relay target that writes what it receives to capture files, one of each of its lives. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../rigs/free-port.js';
import { start, type Running } from '../../rigs/sipcap.js';

export class CaptureTarget {
  readonly files: string[] = [];
  private running: Running | null = null;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly log: (text: string) => void,
  ) {}

  static async open(folder: string, log: (text: string) => void): Promise<CaptureTarget> {
    const target = new CaptureTarget(folder, await freePort(), log);
    await target.start();
    return target;
  }

  async start(): Promise<void> {
    const path = join(this.folder, `relayed-${this.files.length}.pcapng`);
    this.files.push(path);
    const running = start(['hep', 'listen', `hep_tcp:127.0.0.1:${this.port}`, '-w', path, '-q']);
    this.running = running;
    for (let waited = 0; !running.logged().includes('listening on'); waited += 50) {
      if (waited > 60_000 || running.child.exitCode !== null) throw new Error(`the second target did not start: ${running.logged()}`);
      await sleep(50);
    }
  }

  /** In order: everything it received is in its file. */
  async stop(): Promise<void> {
    const { running } = this;
    this.running = null;
    if (running === null) return;
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    if (code !== 0) this.log(`    second target: ended with ${code}: ${stderr.slice(-500)}`);
  }

  async remove(): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.ended;
    this.running = null;
  }
}
