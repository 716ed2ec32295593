/** Messages kept in memory, as the source of a run. */
import type { Message } from '../../../base/index.js';
import type { RunSource, SourceIntake } from '../../../pipeline/source.js';

export class KeptSource implements RunSource {
  readonly kind = 'inputs';
  readonly unit = 'messages';
  readonly isLive = false;
  private isStopped = false;

  constructor(private readonly messages: readonly Message[]) {}

  async open(): Promise<void> {}

  async read(intake: SourceIntake): Promise<void> {
    for (const message of this.messages) {
      if (this.isStopped) return;
      if (!intake.message(message, message.payload.length)) await intake.ready();
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
  }

  async updateLosses(): Promise<void> {}

  inputs() {
    return [];
  }

  async commit(): Promise<void> {}
}
