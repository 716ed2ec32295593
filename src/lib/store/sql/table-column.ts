/** A column of an existing table as a driver reads it, so that values fit it. */
export interface TableColumn {
  name: string;
  /** The database's own name for its type. */
  type: string;
  /** `parsed`: the database parses the text (an address, JSON), and '' is not valid. */
  kind: 'text' | 'bytes' | 'integer' | 'time' | 'parsed' | 'other';
  /** Maximum characters of a text column. */
  characters: number;
  /** Maximum bytes of a text or bytes column. */
  bytes: number;
  /** True for a text column that also stores bytes unchanged. */
  takesBytes: boolean;
  /** True for a text column whose driver sends UTF-8 as it is. */
  takesUtf8: boolean;
  /** Highest code point that a text column's character set has. */
  highest: number;
  /** Limits of an integer column. */
  min: number;
  max: number;
  /** Limits of a time column as `YYYY-MM-DD HH:MM:SS`. */
  earliest: string;
  latest: string;
  nullable: boolean;
  /** True if an INSERT must include it: NOT NULL without a default. */
  needed: boolean;
}

/** A column without limits, to be restricted. */
export function tableColumn(name: string, kind: TableColumn['kind']): TableColumn {
  return {
    name,
    type: '',
    kind,
    characters: Infinity,
    bytes: Infinity,
    takesBytes: false,
    takesUtf8: false,
    highest: 0x10ffff,
    min: -Infinity,
    max: Infinity,
    earliest: '0000',
    latest: '9999-12-31 23:59:59',
    nullable: true,
    needed: false,
  };
}
