/** How the addresses of a target's name are found, handed in so that a name can be made to move. */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Finds the addresses of a name, as `dns.lookup` with `all` does. */
export type FindAddresses = (
  host: string,
  options: { all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Sockets ask for all addresses of a name, or for one. */
export function lookupBy(findAddresses: FindAddresses): LookupFunction {
  return (host, { all }, found) =>
    findAddresses(host, { all: true }, (error, addresses) => {
      if (error !== null || all === true) found(error, addresses ?? []);
      else found(null, addresses[0].address, addresses[0].family);
    });
}
