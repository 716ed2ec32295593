/** The bytes of one COPY, piece by piece: binary if the encoding of every column's type is implemented, else text. */
import type { Counters, TableRows } from '../../base/index.js';
import { binaryType, type BinaryType, type CopyBinary } from './copy-binary.js';
import { copyText } from './copy-text.js';
import { tableText } from '../sql/names.js';
import { POSTGRESQL_NAMES } from './names.js';
import { valuesFor, type Target } from '../sql/target.js';

const PIECE_ROWS = 100;

export class CopyRows {
  readonly sql: string;
  private readonly types: readonly BinaryType[] | null;
  private at: number;

  constructor(
    private readonly target: Target,
    private readonly rows: TableRows,
    private readonly from: number,
    private readonly to: number,
    private readonly adjusted: Counters,
    private readonly binary: CopyBinary,
  ) {
    this.at = from;
    const types = target.columns.map(({ type }) => binaryType(type));
    this.types = types.includes(undefined) ? null : (types as BinaryType[]);
    this.sql = `COPY ${tableText(POSTGRESQL_NAMES, target.table)} (${target.names.map(POSTGRESQL_NAMES.quote).join(',')}) FROM STDIN${this.types === null ? '' : ' (FORMAT binary)'}`;
  }

  get done(): boolean {
    return this.at >= this.to;
  }

  /** `isFree`: of the piece before, nothing is read any more. */
  next(isFree: boolean): Buffer {
    const { target, rows, from, at, adjusted } = this;
    const to = Math.min(at + PIECE_ROWS, this.to);
    this.at = to;
    return this.types === null
      ? copyText(valuesFor(target, rows, at, to, adjusted), target.columns)
      : this.binary.encode(target, this.types, rows, [at, to], adjusted, [at === from, to === this.to], isFree);
  }
}
