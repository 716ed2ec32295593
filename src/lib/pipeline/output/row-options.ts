/** What decides how messages become rows. */
import type { ShapeName } from '../../row/index.js';
import type { TableName } from '../../store/index.js';

export type CustomFields = readonly [string, string, string];

export interface RowOptions {
  /** The set of tables; '' finds out what the database has. */
  shape: ShapeName | '';
  table: string;
  reportTable: string;
  reportShape: 'homer5' | 'homer6';
  captureNode: string;
  customFields: CustomFields;
  /** The time that expands a table's suffix: the packet's, or the current time as in OpenSIPS (`table_time`). */
  tableTime: 'packet' | 'receive';
  /** `date` in this machine's zone instead of UTC. */
  localDate: boolean;
  /** Headers that become members of Homer 7's data_header. */
  dataHeaders: readonly string[];
  /** Headers with the Call-ID of the A leg, besides X-CID, for Homer 7's correlation_id. */
  alegHeaders: readonly string[];
}

/** What a script sets for one message: other tables, custom fields, a report instead of a SIP row. */
export interface RowOverride {
  table: TableName | null;
  customFields: CustomFields | null;
  report: { correlationId: string; payloadType: number } | null;
}
