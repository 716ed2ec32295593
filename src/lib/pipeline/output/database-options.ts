/** The options of a database output. */
import type { Environment, Ledger } from '../../base/index.js';
import type { RepeatWindow } from '../../hep/index.js';
import type { MessageFilter } from '../message-filter.js';
import type { SinkOptions } from '../options.js';

export interface DatabaseOptions {
  sinks: SinkOptions;
  env: Environment;
  /** True for sources that cannot wait: they keep receiving while the database is unavailable. */
  live: boolean;
  /** For `drain`: it opens the database, and only the backlog of the spool is stored. */
  drains?: boolean;
  /** Counts packets read undecoded from the spool. */
  ledger: Ledger;
  /** Key that packets must carry to be spooled or stored; '' if none is required. */
  authKey?: string;
  /** Nothing else gets the messages: those that are stored already count as filtered. */
  sole?: boolean;
  /** Filters messages of packets that were spooled undecoded. */
  filter?: MessageFilter | null;
  /** Gets what earlier runs have stored of senders' messages; null or absent: repeats are not dropped. */
  repeats?: RepeatWindow | null;
  /** How many processes write to it as this one does; 1 by default. */
  processes?: number;
  /** Folder of its spool within `--spool`; `database` by default. */
  spoolName?: string;
}
