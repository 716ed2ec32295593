/**
 * What we use of mysql2's connection below its interface: the negotiation of MariaDB's bulk protocol
 * (MARIADB_CLIENT_STMT_BULK_OPERATIONS), which it leaves out, and commands whose packets we write ourselves.
 */
import type mysql from 'mysql2';

/** Of the capabilities that only MariaDB has; it reads them from clients without the flag of MySQL's. */
const BULK_OPERATIONS = 4;
const LONG_PASSWORD = 1;
/** Unknown command; not supported in the prepared statement protocol; not with statement-based replication. */
const REFUSALS = new Set([1047, 1295, 4033]);

interface AnswerPacket {
  isError(): boolean;
  asError(encoding: string): mysql.QueryError;
}

interface Command {
  onResult(error: Error | null): void;
  /** First without a packet: to send. True if it is done. */
  execute(packet: AnswerPacket | undefined, connection: Internals): boolean;
}

interface Handshake {
  clientFlags: number;
  mariadbExtendedClientFlags: number;
  handshake: { mariadbExtendedCapabilityFlags?: number };
  sendSSLRequest(connection: Internals): void;
  sendCredentials(connection: Internals): void;
}

interface Internals {
  /** The handshake, while it connects. */
  _command: Partial<Handshake> | null;
  clientEncoding: string;
  addCommand(command: Command): void;
  writePacket(packet: { buffer: Buffer; length(): number; writeHeader(sequence: number): void }): void;
  _resetSequenceId(): void;
}

export class BulkProtocol {
  /** Both sides support it. */
  agreed = false;

  /** On a connection that is being made. */
  constructor(connection: mysql.Connection) {
    const handshake = (connection as unknown as Internals)._command;
    if (!isHandshake(handshake)) return;
    const { sendSSLRequest, sendCredentials } = handshake;
    // The capabilities are sent twice with TLS: before it, and in it.
    handshake.sendSSLRequest = (internals) => {
      this.request(handshake);
      sendSSLRequest.call(handshake, internals);
    };
    handshake.sendCredentials = (internals) => {
      this.request(handshake);
      sendCredentials.call(handshake, internals);
    };
  }

  /** True if the command itself was refused, which a proxy may do although it agreed: from then on without it. */
  refusedBy(error: unknown): boolean {
    if (!this.agreed || !REFUSALS.has((error as { errno?: number }).errno ?? 0)) return false;
    this.agreed = false;
    return true;
  }

  private request(handshake: Handshake): void {
    if (((handshake.handshake.mariadbExtendedCapabilityFlags ?? 0) & BULK_OPERATIONS) === 0) return;
    handshake.clientFlags &= ~LONG_PASSWORD;
    handshake.mariadbExtendedClientFlags |= BULK_OPERATIONS;
    this.agreed = true;
  }
}

function isHandshake(command: Partial<Handshake> | null): command is Handshake {
  return typeof command?.sendSSLRequest === 'function' && typeof command.sendCredentials === 'function';
}

/** Sends a packet (its first four bytes are for the header) as a command that is answered with OK or an error. */
export function sendCommand(connection: mysql.Connection, buffer: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const onResult = (error: Error | null) => (error === null ? resolve() : reject(error));
    (connection as unknown as Internals).addCommand({
      onResult,
      execute(packet, internals) {
        if (packet === undefined) {
          internals._resetSequenceId();
          internals.writePacket({ buffer, length: () => buffer.length, writeHeader: (sequence) => writeHeader(buffer, sequence) });
          return false;
        }
        onResult(packet.isError() ? packet.asError(internals.clientEncoding) : null);
        return true;
      },
    });
  });
}

function writeHeader(buffer: Buffer, sequence: number): void {
  buffer.writeUIntLE(buffer.length - 4, 0, 3);
  buffer[3] = sequence;
}
