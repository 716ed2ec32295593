/**
 * Writes numbered rows through the batching sink until all are stored or it is killed: `child-writer.ts URL ROWS`.
 * It resumes after the stored position, as an import does. Prints how many rows are stored.
 */
import { silentLog } from '../../src/lib/base/index.js';
import { BatchingSink } from '../../src/lib/sink/batch/batching-sink.js';
import { loadStore } from '../../src/lib/store/index.js';
import { numberedMessage, numberedRows } from './numbered.js';

const [url, rowsText] = process.argv.slice(2);
const store = await loadStore(url);
await store.open();
const [known] = await store.streams('import');
let next = known === undefined ? 0 : Number(known.position);
process.stdout.write(`from ${next}\n`);
const sink = new BatchingSink({
  name: 'database',
  driver: store,
  log: silentLog,
  rows: numberedRows,
  batchRows: 100,
  batchBytes: 1e9,
  ageMs: 20,
  maxRows: 1e6,
  giveUpMs: 60_000,
  positions: () => [{ stream: 'import', position: String(next) }],
  sequences: new Map(known === undefined ? [] : [['import', known.sequence]]),
  onRefused: () => {},
  onStored: () => process.stdout.write(`stored ${sink.counts().written}\n`),
});
while (next < Number(rowsText)) {
  const room = sink.accept(numberedMessage(next++));
  if (!room) await sink.ready();
}
await sink.close();
process.stdout.write(`${JSON.stringify(sink.counts())}\n`);
