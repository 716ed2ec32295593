/**
 * One part of a guided run, in a process of its own: `explore` mutates inputs under V8's block coverage and keeps those that
 * reach something new; `volume` mutates what was kept at full speed, and watches time and memory. Prints its figures as JSON.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { mutated } from './mutating.js';
import type { Reader } from './reader.js';
import { random, type Next } from './streams.js';

export interface PartFigures {
  cases: number;
  kept: number;
  blocks: number;
  worstMs: number;
  grownMegabytes: number;
  failures: string[];
}

const MAX_MS = 50;
const MAX_GROWTH = 32;
const MAX_KEPT = 2000;
const BATCH = 100;
const SLOWEST = 5;
const REPEATS = 5;
const MAX_FAILURES = 10;

export async function runGuided(reader: Reader, mode: string, seconds: number, seed: number, folder: string): Promise<PartFigures> {
  mkdirSync(folder, { recursive: true });
  const part = new Part(reader, random(seed), folder);
  const end = performance.now() + seconds * 1000;
  await (mode === 'explore' ? part.explore(end) : part.volume(end));
  await part.finish();
  return part.figures;
}

class Part {
  readonly figures: PartFigures = { cases: 0, kept: 0, blocks: 0, worstMs: 0, grownMegabytes: 0, failures: [] };
  private readonly inputs: Buffer[];
  private readonly slowest: { bytes: Buffer; took: number }[] = [];

  constructor(
    private readonly reader: Reader,
    private readonly next: Next,
    private readonly folder: string,
  ) {
    this.inputs = [
      ...reader.seeds(),
      ...readdirSync(folder)
        .filter((name) => name.endsWith('.input'))
        .sort()
        .map((name) => readFileSync(join(folder, name))),
    ];
    this.figures.kept = this.inputs.length;
  }

  async explore(end: number): Promise<void> {
    const coverage = await Coverage.begin();
    for (const bytes of this.inputs) await this.one(bytes);
    await coverage.take();
    while (performance.now() < end) {
      const batch = Array.from({ length: BATCH }, () => mutated(this.inputs, this.next));
      for (const bytes of batch) await this.one(bytes);
      const fresh = await coverage.take();
      if (fresh.size === 0 || this.inputs.length >= MAX_KEPT) continue;
      // One of them reached what none had: the same again, one by one.
      for (const bytes of batch) {
        await this.one(bytes);
        if (await coverage.reaches(fresh)) this.keep(bytes);
      }
    }
    this.figures.blocks = coverage.size;
    this.figures.kept = this.inputs.length;
  }

  async volume(end: number): Promise<void> {
    const warm = performance.now() + (end - performance.now()) / 4;
    let before = 0;
    for (let now = performance.now(); now < end;) {
      const bytes = mutated(this.inputs, this.next);
      await this.one(bytes);
      now = performance.now();
      if (before === 0 && now > warm) before = heldMegabytes();
    }
    if (before > 0) this.figures.grownMegabytes = heldMegabytes() - before;
    if (this.figures.grownMegabytes > MAX_GROWTH) this.fail('memory', new Error(`grown by ${this.figures.grownMegabytes.toFixed(1)} MB`));
  }

  /** The slowest again, alone and by the CPU time that they take; then what is left is closed. */
  async finish(): Promise<void> {
    for (const { bytes, took } of this.slowest) {
      let best = took;
      for (let round = 0; round < REPEATS; round++) best = Math.min(best, await this.cpuOf(bytes));
      this.figures.worstMs = Math.max(this.figures.worstMs, best);
      if (best > MAX_MS) this.fail(this.store(bytes, 'slow'), new Error(`${best.toFixed(1)} ms`));
    }
    await Promise.resolve(this.reader.close?.()).catch((error: unknown) => this.fail('the end', error));
  }

  private async one(bytes: Buffer): Promise<void> {
    this.figures.cases++;
    try {
      const took = await this.timed(bytes);
      const { slowest } = this;
      if (slowest.length === SLOWEST && took <= slowest[SLOWEST - 1].took) return;
      slowest.push({ bytes, took });
      slowest.sort((a, b) => b.took - a.took);
      slowest.length = Math.min(slowest.length, SLOWEST);
    } catch (error) {
      this.fail(this.store(bytes, 'failed'), error);
    }
  }

  private async timed(bytes: Buffer): Promise<number> {
    const began = performance.now();
    const reading = this.reader.read(bytes);
    if (reading !== undefined) await reading;
    return performance.now() - began;
  }

  private async cpuOf(bytes: Buffer): Promise<number> {
    const before = process.cpuUsage();
    await this.timed(bytes).catch(() => 0);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  private fail(place: string, error: unknown): void {
    if (this.figures.failures.length < MAX_FAILURES) this.figures.failures.push(`${place}: ${(error as Error).stack ?? String(error)}`);
  }

  private keep(bytes: Buffer): void {
    this.inputs.push(bytes);
    this.store(bytes, 'input');
  }

  private store(bytes: Buffer, kind: string): string {
    const path = join(this.folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${kind}`);
    writeFileSync(path, bytes);
    return path;
  }
}

function heldMegabytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** Blocks of the sources that have run, in this process. */
class Coverage {
  private readonly seen = new Set<string>();

  private constructor(private readonly session: Session) {}

  static async begin(): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return new Coverage(session);
  }

  get size(): number {
    return this.seen.size;
  }

  /** Blocks that ran since the last time and never before. */
  async take(): Promise<Set<string>> {
    const fresh = new Set<string>();
    for (const block of await this.ran())
      if (!this.seen.has(block)) {
        this.seen.add(block);
        fresh.add(block);
      }
    return fresh;
  }

  /** Whether one of these ran since the last time; what ran is removed from them. */
  async reaches(blocks: Set<string>): Promise<boolean> {
    const before = blocks.size;
    if (before === 0) return false;
    for (const block of await this.ran()) blocks.delete(block);
    return blocks.size < before;
  }

  private async ran(): Promise<string[]> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const blocks: string[] = [];
    for (const { scriptId, url, functions } of result)
      if (url.includes('/src/lib/'))
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges) if (count > 0) blocks.push(`${scriptId}:${startOffset}:${endOffset}`);
    return blocks;
  }
}
