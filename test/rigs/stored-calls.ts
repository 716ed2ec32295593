/** Calls as messages, and messages stored like in a run. */
import { Ledger, silentLog, systemClock, type Message } from '../../src/lib/base/index.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { MessageRows, type RowOptions } from '../../src/lib/pipeline/output/message-rows.js';
import { BatchRows } from '../../src/lib/sink/batch/batch-rows.js';
import { loadStore, type StoreOptions } from '../../src/lib/store/index.js';
import { hepMessage } from './messages.js';

/** 2023-11-14 22:13:20 UTC. */
export const FIRST_AT = 1_700_000_000e6;

export interface CallPlan {
  callId: string;
  /** Microseconds since 1970. */
  at: number;
  from?: string;
  to?: string;
  status?: number;
  /** Between two messages, microseconds. */
  step?: number;
  agent?: string;
}

/** INVITE, 100, the final reply, ACK; with a 200 also BYE and its 200. */
export function callMessages({
  callId,
  at,
  from = 'alice',
  to = 'bob',
  status = 200,
  step = 10_000,
  agent = 'Phone',
}: CallPlan): Message[] {
  const starts = [`INVITE sip:${to}@b.example SIP/2.0`, 'SIP/2.0 100 Trying', `SIP/2.0 ${status} Final`, `ACK sip:${to}@b.example SIP/2.0`];
  if (status === 200) starts.push(`BYE sip:${to}@b.example SIP/2.0`, 'SIP/2.0 200 OK');
  return starts.map((start, i) => {
    const isReply = start.startsWith('SIP');
    const cseq = i >= 4 ? '2 BYE' : start.startsWith('ACK') ? '1 ACK' : '1 INVITE';
    const text = [
      start,
      `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-${callId}-${i >= 4 ? 2 : 1}`,
      `From: <sip:${from}@a.example>;tag=f-${callId}`,
      `To: <sip:${to}@b.example>${i < 2 ? '' : `;tag=t-${callId}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq}`,
      `User-Agent: ${agent}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    const [source, destination] = isReply ? ['127.0.0.2', '127.0.0.1'] : ['127.0.0.1', '127.0.0.2'];
    return hepMessage({
      capturedAt: at + i * step,
      payload: Buffer.from(text),
      sourceAddress: source,
      destinationAddress: destination,
      captureId: 7,
    });
  });
}

export interface StoringOptions extends Partial<RowOptions>, Partial<Omit<StoreOptions, 'shape'>> {}

/** Through our own rows and driver, in the order given. */
export async function storeMessages(url: string, messages: readonly Message[], options: StoringOptions = {}): Promise<void> {
  const store = await loadStore(url, { log: silentLog, ...options, shape: options.shape || 'sipcapture' });
  await store.open();
  try {
    const rows = new MessageRows(
      {
        shape: 'sipcapture',
        dataHeaders: [],
        alegHeaders: [],
        table: 'sip_capture',
        reportTable: 'rtcp_capture',
        reportShape: 'homer5',
        captureNode: 'homer01',
        customFields: ['', '', ''],
        tableTime: 'packet',
        localDate: false,
        ...options,
      },
      systemClock,
      false,
    );
    const preparer = new MessagePreparer(new Ledger());
    for (let from = 0, sequence = 1; from < messages.length; from += 1000, sequence++) {
      const batch = new BatchRows();
      for (const message of messages.slice(from, from + 1000)) {
        if (message.payloadType === 1) preparer.sip(message);
        batch.add(message, rows);
      }
      const stream = `stored-calls-${JSON.stringify(options.table ?? '')}`;
      const outcome = await store.write(batch.closed([{ stream, sequence, position: '' }]).batch);
      if (outcome.outcome !== 'stored' || outcome.refused.length > 0) throw new Error(JSON.stringify(outcome));
    }
  } finally {
    await store.close();
  }
}
