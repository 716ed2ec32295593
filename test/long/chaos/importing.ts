/**
 * Rotated capture files with numbered messages, imported into every database while they grow and while all else goes wrong;
 * imports are killed and run again. The last message of each file ends in the next one.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pcap } from '../../rigs/capture-files.js';
import * as make from '../../rigs/frames.js';
import { start, type Ended } from '../../rigs/sipcap.js';
import { numberedMessage } from './traffic.js';
import type { World } from './world.js';

export const IMPORT_TABLE = 'imported';
const MESSAGES_PER_FILE = 60;
const HEADER_BYTES = 24;
/** Done, bad input (a file that is still written), unreachable, killed. */
const EXPECTED = [0, 3, 4, null];

export class Importing {
  /** Messages with numbers below this are in files. */
  written = 0;
  kills = 0;
  runs = 0;
  readonly problems: string[] = [];
  private readonly files: string[] = [];
  private seconds = 1_700_000_000;
  private rest: Buffer | null = null;
  private ended = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly random: () => number,
  ) {}

  start(): void {
    this.working = this.run();
  }

  get urls(): string[] {
    return [this.world.through(0), this.world.through(1), `sqlite:${this.sqlite}`];
  }

  get sqlite(): string {
    return this.world.at('data/imported.db');
  }

  /** Ends, and imports everything that is not there yet. */
  async finish(): Promise<void> {
    this.ended = true;
    await this.working;
    for (const url of this.urls) {
      const ended = await this.import(url, this.files, Infinity);
      if (ended.code !== 0) this.problems.push(`the last import into ${url} ended with ${ended.code}: ${ended.stderr.slice(-1000)}`);
    }
  }

  private async run(): Promise<void> {
    while (!this.ended) {
      const path = this.world.at(`rotated-${String(this.files.length).padStart(4, '0')}.pcap`);
      const bytes = this.file();
      const at = HEADER_BYTES + Math.floor(this.random() * (bytes.length - HEADER_BYTES));
      writeFileSync(path, bytes.subarray(0, at));
      this.files.push(path);
      await this.importOne();
      appendFileSync(path, bytes.subarray(at));
      await this.importOne();
      await sleep(500 + this.random() * 2500);
    }
  }

  /** Into one database after the other, each behind the file before it. */
  private async importOne(): Promise<void> {
    for (const url of this.urls) {
      if (this.ended) return;
      const killAfter = this.random() < 0.4 ? 300 + this.random() * 1200 : Infinity;
      const { code, stderr } = await this.import(url, this.files.slice(-2), killAfter);
      if (!EXPECTED.includes(code)) this.problems.push(`an import into ${url} ended with ${code}: ${stderr.slice(-1000)}`);
    }
  }

  private async import(url: string, files: readonly string[], killAfter: number): Promise<Ended> {
    this.runs++;
    const quarantine = this.world.at('quarantine.ndjson');
    const running = start(['capture', 'mirror', '-r', ...files, '--db', url, '--table', IMPORT_TABLE, '--quarantine', quarantine]);
    const timer =
      killAfter === Infinity
        ? undefined
        : setTimeout(() => {
            this.kills++;
            running.child.kill('SIGKILL');
          }, killAfter);
    const ended = await running.ended;
    clearTimeout(timer);
    return ended;
  }

  private file(): Buffer {
    const frames: Buffer[] = this.rest === null ? [] : [this.rest];
    const ends = { source: '127.0.0.1', destination: '127.0.0.2', protocol: make.IP_UDP };
    for (let i = 0; i < MESSAGES_PER_FILE; i++) {
      const datagram = make.udp({}, numberedMessage('f', this.written++));
      if (i < MESSAGES_PER_FILE - 1) {
        frames.push(make.ethernet(make.ETHER_IPV4, make.ipv4(ends, datagram)));
        continue;
      }
      const [first, second] = make.ipv4Fragments({ ...ends, id: this.written & 0xffff }, datagram, Math.ceil(datagram.length / 16) * 8);
      frames.push(make.ethernet(make.ETHER_IPV4, first));
      this.rest = make.ethernet(make.ETHER_IPV4, second);
    }
    return pcap({ records: frames.map((bytes) => ({ seconds: this.seconds, fraction: this.micros(), bytes })) });
  }

  private fraction = 0;

  private micros(): number {
    this.fraction += 1000;
    if (this.fraction >= 1_000_000) {
      this.fraction = 0;
      this.seconds++;
    }
    return this.fraction;
  }
}
