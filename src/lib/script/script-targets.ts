/** Targets that a script names with `$du`: each is opened when it is first named; meanwhile messages are queued, up to a limit. */
import type { HepEndpoint, Message } from '../base/index.js';
import type { Refused } from '../route/index.js';
import type { HepTargetSink } from '../pipeline/output/hep-output.js';

const MAX_WAITING = 10_000;
/** A script that takes targets from traffic could name any number of them. */
const MAX_TARGETS = 64;

export type OpenTarget = (endpoint: HepEndpoint) => Promise<HepTargetSink>;

interface Target {
  sink: HepTargetSink | null;
  refused: string;
  waiting: Message[];
}

export class ScriptTargets {
  private readonly targets = new Map<HepEndpoint, Target>();
  /** False when the last message found its target full. */
  room = true;

  /** `lost` is called with messages that waited for a target that could not be opened. */
  constructor(
    private readonly open: OpenTarget,
    private readonly lost: (count: number, reason: string) => void,
  ) {}

  relay(endpoint: HepEndpoint, message: Message): Refused {
    let target = this.targets.get(endpoint);
    if (target === undefined) {
      if (this.targets.size >= MAX_TARGETS) return `the script names more than ${MAX_TARGETS} targets`;
      target = { sink: null, refused: '', waiting: [] };
      this.targets.set(endpoint, target);
      void this.opened(endpoint, target);
    }
    if (target.sink !== null) {
      this.room = send(target.sink, message);
      return null;
    }
    if (target.refused !== '') return target.refused;
    if (target.waiting.length >= MAX_WAITING) return 'the target is still connecting and its queue is full';
    target.waiting.push(message);
    this.room = false;
    return null;
  }

  private async opened(endpoint: HepEndpoint, target: Target): Promise<void> {
    try {
      target.sink = await this.open(endpoint);
      for (const message of target.waiting) send(target.sink, message);
    } catch (error) {
      target.refused = (error as Error).message;
      if (target.waiting.length > 0) this.lost(target.waiting.length, target.refused);
    }
    target.waiting = [];
  }
}

/** The packet as received or edited; encoded from the message if it did not arrive by HEP. */
function send(sink: HepTargetSink, message: Message): boolean {
  const { envelope } = message;
  return envelope === null
    ? sink.accept(message)
    : sink.send(envelope.bytes, message.sip?.callId ?? message.correlationId, message.capturedAt);
}
