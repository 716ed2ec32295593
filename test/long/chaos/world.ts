/**
 * What a part of the run consists of: MariaDB and PostgreSQL behind proxies, an SQLite file, small disks, a node that stores
 * into all three and relays to a far node, and conditions (a server away, a full disk) that end after a while.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import { freePort } from '../../rigs/free-port.js';
import { makeServer, type PrivateServer } from '../../rigs/private-server.js';
import { Proxy } from '../../rigs/proxy.js';
import { seeded } from '../../rigs/random.js';
import { emptyDisk, fillDisk, mountSmallDisk, unmountDisk } from '../../rigs/small-disk.js';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../../rigs/clickhouse.js';
import { mirrorHere, type MirrorPort } from '../load/inside.js';
import { CaptureTarget } from './capture-target.js';
import { FakeClock } from './fake-clock.js';
import { Serving, open, sum } from './serving.js';
import { Traffic } from './traffic.js';

const DISK_SIZE = '384m';
const SETTLE_MS = 15_000;
/** A spool writes what it took within 20 ms, and saves what was delivered within 250. */
const WRITTEN_MS = 100;
const SAVED_MS = 700;

export interface Database {
  server: PrivateServer;
  proxy: Proxy;
  isUp: boolean;
  isFrozen: boolean;
  isReadOnly: boolean;
}

export interface Shard {
  server: ClickhouseServer;
  isUp: boolean;
  isFrozen: boolean;
}

interface Condition {
  name: string;
  endsAt: number;
  end(): Promise<void>;
}

export class World {
  readonly databases: Database[] = [];
  readonly conditions: Condition[] = [];
  /** The SQLite files that were moved away, and the one in use. */
  readonly files: string[] = [];
  readonly counts: Record<string, number> = {};
  node!: Serving;
  far!: Serving;
  /** The second relay target, which writes capture files. */
  second!: CaptureTarget;
  readonly shards: Shard[] = [];
  /** The interface that is captured on; null where there is none. */
  mirror: MirrorPort | null = null;
  clock: FakeClock | null = null;
  /** What a settling waits for; '' once it has it. */
  waits = '';
  readonly hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
  traffic!: Traffic;
  hasDisks = false;
  reloads = 0;

  private constructor(
    readonly folder: string,
    readonly random: () => number,
    readonly log: (text: string) => void,
  ) {}

  static async create(rate: number, random: () => number, log: (text: string) => void): Promise<World> {
    const world = new World(mkdtempSync(join(tmpdir(), 'sipcap-chaos-')), random, log);
    for (const name of ['spool', 'data']) mkdirSync(world.at(name));
    world.hasDisks = mountSmallDisk(world.at('spool'), DISK_SIZE) && mountSmallDisk(world.at('data'), DISK_SIZE);
    for (const kind of ['mysql', 'postgresql'] as const) {
      const server = await makeServer(kind);
      world.databases.push({ server, proxy: await Proxy.open(server.url), isUp: true, isFrozen: false, isReadOnly: false });
    }
    const [tcp, udp, far, metrics, farMetrics] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
    if (clickhouseInstalled())
      for (let i = 0; i < 2; i++) world.shards.push({ server: await makeClickhouse(), isUp: true, isFrozen: false });
    world.mirror = mirrorHere();
    world.second = await CaptureTarget.open(world.folder, log);
    world.node = new Serving('node', world.at('node.yaml'), metrics, log);
    world.far = new Serving('far', world.at('far.yaml'), farMetrics, log);
    world.nodeText = [
      `socket: [hep_tcp:127.0.0.1:${tcp}, hep_udp:127.0.0.1:${udp}]`,
      `db_url: ${world.through(0)}`,
      `databases: [{db_url: "${world.through(1)}"}, {db_url: "sqlite:${world.sqlite}"}${world.shardsText}]`,
      `spool: {directory: ${world.at('spool/node')}}`,
      `hep_targets: ["hep_tcp:127.0.0.1:${far}", "hep_tcp:127.0.0.1:${world.second.port}"]`,
      ...(world.mirror === null ? [] : [`live: {interfaces: [${world.mirror.near}], ports: "5060"}`]),
      `metrics: {listen: "127.0.0.1:${metrics}"}`,
      `quarantine: ${world.at('quarantine.ndjson')}`,
      'log: {format: text}\n',
    ].join('\n');
    world.node.configure(world.nodeText);
    world.clock = FakeClock.at(world.at('clock'));
    world.node.env = world.clock?.environment ?? {};
    world.far.configure(
      [
        `socket: [hep_tcp:127.0.0.1:${far}]`,
        `db_url: sqlite:${world.farSqlite}`,
        `spool: {directory: ${world.at('spool/far')}}`,
        `metrics: {listen: "127.0.0.1:${farMetrics}"}`,
        `quarantine: ${world.at('quarantine-far.ndjson')}`,
        'log: {format: text}\n',
      ].join('\n'),
    );
    await world.far.start();
    await world.node.start();
    world.traffic = new Traffic({ tcp, udp }, rate, seeded(Math.floor(random() * 2 ** 32)));
    await world.traffic.begin();
    return world;
  }
  nodeText = '';

  private get shardsText(): string {
    const places = this.shards.map(({ server }) => server.place).join(';');
    return places === '' ? '' : `, {db_url: "clickhouse://sipcap:capture@${places}/sipcap"}`;
  }

  get captures(): readonly string[] {
    return this.second.files;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  get sqlite(): string {
    return this.at('data/calls.db');
  }

  get farSqlite(): string {
    return this.at('data/far.db');
  }

  through(database: number): string {
    const { proxy, server } = this.databases[database];
    return proxy.through(server.url);
  }

  /** Milliseconds between. */
  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  has(name: string): boolean {
    return this.conditions.some((condition) => condition.name === name);
  }

  /** `end` is called so many milliseconds later, or when it is asked for. */
  begin(name: string, milliseconds: number, end: () => Promise<void>): void {
    this.conditions.push({ name, endsAt: performance.now() + milliseconds, end });
  }

  /** Waits so long; conditions that are over meanwhile end. */
  async wait(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    do {
      await sleep(Math.min(100, Math.max(1, until - performance.now())));
      for (const condition of [...this.conditions]) if (condition.endsAt <= performance.now()) await this.finish(condition);
    } while (performance.now() < until);
  }

  /** Ends the conditions whose names match; all of them by default. */
  async heal(names: RegExp = /./): Promise<void> {
    for (const condition of this.conditions.filter(({ name }) => names.test(name))) await this.finish(condition);
  }

  private async finish(condition: Condition): Promise<void> {
    this.conditions.splice(this.conditions.indexOf(condition), 1);
    this.log(`  end of ${condition.name}`);
    await condition.end();
  }

  /** True once the node has received everything that was sent, and nothing of it is in memory alone. */
  async settleNode(milliseconds = SETTLE_MS): Promise<boolean> {
    await this.heal(/full|far frozen|descriptors/);
    this.traffic.pause();
    const isSettled = await this.until(async () => {
      const report = await this.node.report();
      if (report === null) return 'the node gives no summary';
      const dropped = sum(report.frames.dropped);
      const arrived = report.frames.received + dropped + report.frames.undecoded;
      if (arrived !== this.traffic.sinceStart) return `${arrived} of ${this.traffic.sinceStart} arrived at the node`;
      // What is in flight is in the spool too while that holds anything; the kernel confirms the rest at once.
      const flying = open(report).find(({ unconfirmed = 0, waiting }) => unconfirmed > 0 && waiting === 0);
      if (flying !== undefined) return `${flying.unconfirmed} unconfirmed by ${flying.sink}`;
      const inMemory = await this.node.inMemory();
      if (inMemory !== 0) return `${inMemory} in the memory of the node`;
      this.traffic.nodeIsSafe(dropped);
      return '';
    }, milliseconds);
    await sleep(WRITTEN_MS);
    return isSettled;
  }

  /** True once all of that is at the far node, and nothing of it in memory alone. */
  async settleFar(milliseconds = SETTLE_MS): Promise<boolean> {
    if (!(await this.settleNode(milliseconds))) return false;
    const isSettled = await this.until(async () => {
      const report = await this.node.report();
      if (report === null) return 'the node gives no summary';
      const behind = open(report).find(({ unconfirmed, waiting }) => unconfirmed !== undefined && unconfirmed + waiting > 0);
      if (behind !== undefined) return `${behind.waiting} wait for ${behind.sink}, ${behind.unconfirmed} unconfirmed`;
      const inMemory = await this.far.inMemory();
      return inMemory === 0 ? '' : `${inMemory} in the memory of the far node`;
    }, milliseconds);
    if (isSettled) this.traffic.farIsSafe();
    await sleep(WRITTEN_MS);
    return isSettled;
  }

  /** Everything is stored: nothing waits anywhere. */
  async settleAll(): Promise<boolean> {
    await this.heal();
    if (!(await this.settleFar(4 * SETTLE_MS))) return false;
    const isEmpty = await this.until(async () => {
      for (const serving of [this.node, this.far]) {
        const report = await serving.report();
        if (report === null) return `${serving.name} gives no summary`;
        if (report.frames.undecoded > 0) return `${report.frames.undecoded} undecoded at ${serving.name}`;
        const behind = open(report).find(({ waiting }) => waiting > 0);
        if (behind !== undefined) return `${behind.waiting} wait for ${behind.sink} of ${serving.name}`;
      }
      return '';
    }, 4 * SETTLE_MS);
    await sleep(SAVED_MS);
    return isEmpty;
  }

  /** Until the condition has nothing left to wait for; `waits` is what it waited for last. */
  private async until(condition: () => Promise<string>, milliseconds: number): Promise<boolean> {
    let saysAt = performance.now() + SETTLE_MS;
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      this.waits = await condition();
      if (this.waits === '') return true;
      if (performance.now() >= saysAt) {
        this.log(`  still ${this.waits}`);
        saysAt += SETTLE_MS;
      }
      await this.wait(60);
    }
    return false;
  }

  fill(disk: 'spool' | 'data', milliseconds: number): void {
    fillDisk(this.at(disk));
    this.begin(`${disk} disk full`, milliseconds, async () => emptyDisk(this.at(disk)));
  }

  /** Another program holds the SQLite file. */
  async lock(name: string, path: string, milliseconds: number): Promise<void> {
    const database = await new Promise<sqlite3.Database>((resolve) => {
      const opened: sqlite3.Database = new sqlite3.Database(path, () => resolve(opened));
    });
    database.configure('busyTimeout', 5000);
    const isLocked = await new Promise<boolean>((resolve) => database.exec('BEGIN EXCLUSIVE', (error) => resolve(error === null)));
    const close = () => new Promise<void>((resolve) => database.close(() => resolve()));
    if (!isLocked) return close();
    this.begin(name, milliseconds, async () => {
      await new Promise<void>((resolve) => database.exec('COMMIT', () => resolve()));
      await close();
    });
  }

  /** Rows in the quarantine files. */
  quarantined(): number {
    return ['quarantine.ndjson', 'quarantine-far.ndjson'].reduce((rows, name) => {
      try {
        return rows + readFileSync(this.at(name), 'utf8').trimEnd().split('\n').length;
      } catch {
        return rows;
      }
    }, 0);
  }

  reconfigure(text: string): void {
    writeFileSync(this.at('node.yaml'), text);
  }

  /** Ends everything that was started. */
  async remove(keep: boolean): Promise<void> {
    this.traffic?.close();
    for (const serving of [this.node, this.far]) if (serving?.isUp) await serving.kill();
    await this.second?.remove();
    for (const { server } of this.shards) await server.remove();
    for (const { server, proxy } of this.databases) {
      await proxy.close();
      await server.remove();
    }
    if (keep) return;
    if (this.hasDisks) for (const name of ['spool', 'data']) unmountDisk(this.at(name));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
