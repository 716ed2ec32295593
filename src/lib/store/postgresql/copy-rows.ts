/** The bytes of one COPY, piece by piece: binary if the encoding of every column's type is implemented, else text. */
import type { Counters, TableRows } from '../../base/index.js';
import { binaryType, CopyBinary, type BinaryType } from './copy-binary.js';
import { copyText } from './copy-text.js';
import { tableText } from '../sql/names.js';
import { POSTGRESQL_NAMES } from './names.js';
import { valuesFor, type Target } from '../sql/target.js';

const PIECE_ROWS = 100;

export class CopyRows {
  readonly sql: string;
  private readonly types: readonly BinaryType[] | null;
  private readonly binary = new CopyBinary();
  private at: number;

  constructor(
    private readonly target: Target,
    private readonly rows: TableRows,
    private readonly from: number,
    private readonly to: number,
    private readonly adjusted: Counters,
  ) {
    this.at = from;
    const types = target.columns.map(({ type }) => binaryType(type));
    this.types = types.includes(undefined) ? null : (types as BinaryType[]);
    this.sql = `COPY ${tableText(POSTGRESQL_NAMES, target.table)} (${target.names.map(POSTGRESQL_NAMES.quote).join(',')}) FROM STDIN${this.types === null ? '' : ' (FORMAT binary)'}`;
  }

  get done(): boolean {
    return this.at >= this.to;
  }

  next(): Buffer {
    const { target, from, at } = this;
    const to = Math.min(at + PIECE_ROWS, this.to);
    const values = valuesFor(target, this.rows, at, to, this.adjusted);
    this.at = to;
    return this.types === null
      ? copyText(values, target.columns)
      : this.binary.encode(values, target.columns, this.types, at === from, to === this.to);
  }
}
