/**
 * A Homer 7 database as its own server makes it, rebuilt from what is known of its tables: columns, partitions of so many hours,
 * indexes of each partition, and rows as it writes them.
 */
const COLUMNS = `id BIGSERIAL NOT NULL, sid VARCHAR NOT NULL, create_date TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
protocol_header JSONB NOT NULL, data_header JSONB NOT NULL, raw VARCHAR NOT NULL`;
const SIP = ['hep_proto_1_call', 'hep_proto_1_registration', 'hep_proto_1_default'];
const TABLES = [...SIP, 'hep_proto_5_default', 'hep_proto_35_default', 'hep_proto_54_default', 'hep_proto_100_default'];
const MEMBERS = ['ruri_domain', 'ruri_user', 'from_user', 'to_user', 'pid_user', 'auth_user', 'callid', 'method'];

export const FOREIGN_HOMER7 = TABLES.map(
  (table) => `CREATE TABLE IF NOT EXISTS ${table} (${COLUMNS}) PARTITION BY RANGE (create_date);`,
).join('\n');

/** The partitions of a table for a day, each of so many hours, from an hour on. */
export function foreignPartitions(table: string, day: string, hours: number, fromHour = 0, untilHour = 24): string {
  const statements: string[] = [];
  for (let hour = fromHour; hour < untilHour; hour += hours) {
    const at = (offset: number) => new Date(Date.parse(`${day}T00:00:00Z`) + (hour + offset) * 3_600_000).toISOString();
    const name = `${table}_${at(0).slice(0, 10).replace(/-/g, '')}_${at(0).slice(11, 16).replace(':', '')}`;
    const text = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)}:00`;
    statements.push(
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES FROM ('${text(at(0))}') TO ('${text(at(hours))}');`,
      `CREATE INDEX IF NOT EXISTS ${name}_create_date ON ${name} (create_date);`,
      `CREATE INDEX IF NOT EXISTS ${name}_sid ON ${name} (sid);`,
      ...['srcIp', 'dstIp', 'correlation_id'].map(
        (member) => `CREATE INDEX IF NOT EXISTS ${name}_${member} ON ${name} ((protocol_header->>'${member}'));`,
      ),
      ...(SIP.includes(table)
        ? MEMBERS.map((member) => `CREATE INDEX IF NOT EXISTS ${name}_${member} ON ${name} ((data_header->>'${member}'));`)
        : []),
    );
  }
  return statements.join('\n');
}

/** A row of a call: no more members of data_header than that server writes. */
export function foreignRow(sid: string, at: string, method: string): string {
  const seconds = Math.floor(Date.parse(`${at.slice(0, 19)}Z`) / 1000);
  const protocol = {
    protocolFamily: 2,
    protocol: 17,
    srcIp: '192.0.2.1',
    dstIp: '192.0.2.2',
    srcPort: 5060,
    dstPort: 5060,
    timeSeconds: seconds,
    timeUseconds: Number(at.slice(20, 26).padEnd(6, '0')) || 0,
    payloadType: 1,
    captureId: '2001',
    capturePass: 'secret',
    correlation_id: sid,
  };
  const data = {
    ruri_user: 'b',
    ruri_domain: 'example.net',
    from_user: 'foreign',
    from_tag: '1',
    to_user: 'b',
    to_tag: '',
    callid: sid,
    cseq: `1 ${method}`,
    method,
    user_agent: '',
  };
  const raw = `${method} sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nFrom: <sip:foreign@example.com>;tag=1\r\nTo: <sip:b@example.net>\r\nCall-ID: ${sid}\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
  return `INSERT INTO hep_proto_1_call (sid, create_date, protocol_header, data_header, raw)
VALUES ('${sid}', '${at}', '${JSON.stringify(protocol)}', '${JSON.stringify(data)}', '${raw}')`;
}
