/** Complete settings. */

/** Enough that nothing else is missing. */
export const REST = 'socket: hep_udp:127.0.0.1\n';

export const STORE = 'db_url: sqlite:/x.db\n';
