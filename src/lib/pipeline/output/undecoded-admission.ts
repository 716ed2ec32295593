/**
 * Which packets may be spooled undecoded. Foreign traffic must not fill the spool and evict good packets:
 * a packet has to be HEP and, if a key is configured, carry it. Everything else is decoded at once, which counts it with
 * its reason. Whether the sender is allowed at all was decided at the socket.
 */
import { isFault, u16, u32 } from '../../base/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import { AuthKey, Hep3Fields, looksLikeHep } from '../../hep/index.js';

const MAGIC_HEP3 = 0x48455033;
const MAGIC_EEP3 = 0x45455033;
const HEADER_BYTES = 6;

export class UndecodedAdmission {
  private readonly fields = new Hep3Fields();
  private readonly authKey: AuthKey | null;

  /** `authKey` is '' if none is required. */
  constructor(authKey: string) {
    this.authKey = authKey === '' ? null : new AuthKey(Buffer.from(authKey));
  }

  admits({ bytes, from, to }: HepArrival): boolean {
    if (to - from < HEADER_BYTES) return false;
    const magic = u32(bytes, from);
    // Compressed datagrams are not HEP before they are decompressed; versions 1 and 2 cannot carry a key.
    if (magic !== MAGIC_HEP3 && magic !== MAGIC_EEP3) return this.authKey === null && looksLikeHep(bytes, from, to);
    const length = u16(bytes, from + 4);
    if (length < HEADER_BYTES || from + length > to) return false;
    if (this.authKey === null) return true;
    if (isFault(this.fields.walk(bytes, from, to))) return false;
    return this.authKey.agrees(bytes, this.fields.keyFrom, this.fields.keyTo);
  }
}
