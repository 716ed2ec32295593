/** Placeholder until the room is furnished. */
import { Counters, fault, type AddressBook, type Fault, type Message } from '../base/index.js';
export class HepDecoder {
  readonly counters = new Counters();
  constructor(readonly options: { addressBook: AddressBook }) {}
  decode(_bytes: Buffer, _from: number, _to: number, _receivedAt: number, _peer: object): Message | Fault {
    return fault('not_hep', 'hep');
  }
}
export class HepFramer {
  holding = false;
  push(_bytes: Buffer, _from: number, _to: number, _on: (bytes: Buffer, from: number, to: number) => void): string {
    return 'go';
  }
}
export function looksLikeHep(_bytes: Buffer, _from: number, _to: number): boolean {
  return false;
}
