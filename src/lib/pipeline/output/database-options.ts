/** What a database output is made of. */
import type { Environment, Ledger } from '../../base/index.js';
import type { MessageFilter } from '../message-filter.js';
import type { SinkOptions } from '../options.js';

export interface DatabaseOptions {
  sinks: SinkOptions;
  env: Environment;
  /** True for sources that cannot wait: they keep receiving while the database is unavailable. */
  live: boolean;
  /** For `drain`: the database is opened by it, and nothing comes but the backlog of the spool. */
  drains?: boolean;
  /** Counts packets that come out of the spool undecoded. */
  ledger: Ledger;
  /** Key that packets must carry to be spooled or stored; '' where none is demanded. */
  authKey?: string;
  /** Nothing else gets the messages: those that are stored already count as filtered. */
  sole?: boolean;
  /** Leaves out messages of packets that were spooled undecoded. */
  filter?: MessageFilter | null;
  /** Folder of its spool within `--spool`; `database` by default. */
  spoolName?: string;
}
