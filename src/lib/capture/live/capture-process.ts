/** The parent's side of one capture process: its pipes and reports. Other processes may take over at the far end. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { childArguments } from './child.js';
import { CONTROL_FD, EVENTS_FD, FRAMES_FD, type ChildEvent, type ChildOptions } from './child-protocol.js';

/** A process that does not exit within this time is killed. */
const PATIENCE_MS = 5000;

export interface ProcessListener {
  onFrames(chunk: Buffer): void;
  onEvent(event: ChildEvent): void;
  /** Both pipes have ended: nothing more arrives. */
  onEnd(): void;
}

export class CaptureProcess {
  private readonly frames: Readable;
  private readonly control: Writable;
  private readonly kill: () => void;
  private open = 2;
  private text = '';

  constructor(
    options: ChildOptions,
    private readonly listener: ProcessListener,
  ) {
    const child = spawn(process.execPath, childArguments(options), { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe'] });
    const pipes: readonly unknown[] = child.stdio;
    this.frames = pipes[FRAMES_FD] as Readable;
    const events = pipes[EVENTS_FD] as Readable;
    this.control = pipes[CONTROL_FD] as Writable;
    this.control.on('error', () => {});
    this.kill = () => void child.kill('SIGKILL');
    child.on('error', () => {});
    this.frames.on('data', (chunk: Buffer) => listener.onFrames(chunk)).pause();
    events.setEncoding('utf8').on('data', (text: string) => this.read(text));
    for (const stream of [this.frames, events]) {
      stream.on('error', () => {});
      stream.on('close', () => {
        if (--this.open === 0) listener.onEnd();
      });
    }
  }

  /** Starts the frames; until then they wait in the kernel. */
  flow(): void {
    this.frames.resume();
  }

  /** The process sends what it has and exits; then `onEnd` is called. */
  stop(): void {
    this.flow();
    this.control.end();
    setTimeout(() => {
      if (this.open > 0) this.kill();
    }, PATIENCE_MS).unref();
  }

  private read(text: string): void {
    const lines = (this.text + text).split('\n');
    this.text = lines.pop()!;
    for (const line of lines) this.listener.onEvent(JSON.parse(line) as ChildEvent);
  }
}
