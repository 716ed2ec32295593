/** Creates one of our tables if missing, and registers it as ours, in one transaction. */
import { UsageError } from '../../base/index.js';
import { tableDefinition } from './definitions.js';
import { bareName } from './names.js';
import type { Session } from './session.js';
import { partitioningOf, type PartitionBy, type TableShape } from './shape-of.js';

const REGISTER = 'INSERT INTO sipcap_table (name, shape, partition_by, made) VALUES (?, ?, ?, CURRENT_TIMESTAMP)';

export async function makeTable(session: Session, shape: TableShape, table: string, asked: PartitionBy): Promise<void> {
  const { dialect } = session;
  const partition = partitioningOf(shape, asked);
  if (partition !== 'none' && dialect.partitions === null)
    throw new UsageError('this database has no partitions: use dated tables instead (--table sip_capture_%Y%m%d)');
  const by = dialect.partitions?.always ?? partition;
  const name = await session.tableNamed(table);
  if ((await session.columns(name)).length > 0) return;
  refuseName(session, name);
  const definition = await tableDefinition(dialect, shape, name, dialect.partitions?.always === undefined ? partition : 'none');
  await session.execute(dialect.begin);
  try {
    // Several processes may create it at once: this waits for the first of them, whose table the others find then.
    await session.run(`${REGISTER} ${dialect.replacing('name', ['shape', 'partition_by', 'made'])}`, [name, shape, by]);
    const isMade = (await session.columns(name)).length > 0;
    if (!isMade) await session.execute(definition);
    await session.execute(isMade ? 'ROLLBACK' : 'COMMIT');
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Names come from scripts and spools too: one that can never be a table is an error of its rows. */
function refuseName({ dialect }: Session, name: string): void {
  const { longestName } = dialect;
  if (longestName > 0 && bareName(dialect, name).length > longestName)
    throw new UsageError(`table name '${name}' is too long: expected at most ${longestName} characters`);
}
