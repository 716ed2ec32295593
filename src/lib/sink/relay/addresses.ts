/** Name resolution for targets; injected so that tests can move a name to another address. */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Resolves all addresses of a name, as `dns.lookup` does with `all`. */
export type FindAddresses = (
  host: string,
  options: { all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** As Node's sockets call it: for all addresses of a name, or for one. */
export function lookupBy(findAddresses: FindAddresses): LookupFunction {
  return (host, { all }, found) =>
    findAddresses(host, { all: true }, (error, addresses) => {
      if (error !== null || all === true) found(error, addresses ?? []);
      else found(null, addresses[0].address, addresses[0].family);
    });
}
