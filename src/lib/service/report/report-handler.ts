/** Gives each report its type and correlation id; reports without one are refused, and the first of them are named. */
import type { Ledger, Log, Message } from '../../base/index.js';
import { rejected, type Handler, type MessageOutputs, type Outcome } from '../../pipeline/handler.js';

export interface ReportRule {
  /** For the log: the origin of the reports, and what each is called. */
  file: string;
  unit: 'packet' | 'line';
  /** -1 uses the packet's own. */
  payloadType: number;
  /** '' uses the packet's own. */
  correlationId: string;
  /** For reports without one. */
  rule: (payload: Buffer) => string;
}

/** Reports without a correlation id that are named; the others are counted. */
const MAX_NAMED = 10;

export class ReportHandler implements Handler {
  private named = 0;

  constructor(
    private readonly options: ReportRule,
    private readonly ledger: Ledger,
    private readonly log: Log,
  ) {}

  handle(message: Message, outputs: MessageOutputs): Outcome {
    const { options } = this;
    const own = message.correlationId;
    if (options.payloadType >= 0) message.payloadType = options.payloadType;
    message.correlationId = options.correlationId !== '' ? options.correlationId : own !== '' ? own : options.rule(message.payload);
    if (message.correlationId === '') return this.refuse();
    // A changed report must not be relayed with its original envelope.
    if (message.envelope !== null && (message.correlationId !== own || options.payloadType >= 0)) message.envelope = null;
    const { correlationId, payloadType } = message;
    outputs.store(message, { table: null, customFields: null, report: { correlationId, payloadType } });
    outputs.relay(message);
    return null;
  }

  private refuse(): Outcome {
    const { file, unit } = this.options;
    if (this.named++ < MAX_NAMED)
      this.log.error(`${unit} ${this.ledger.received} of ${file}: no correlation id; use --correlation-id, or a rule with --correlation`);
    return rejected('no_correlation_id');
  }
}
