/** Limits of a reassembly table. Ages are measured in packet time, never by the clock. */

export interface FragmentLimits {
  /** Unfinished datagrams of one IP version. */
  datagrams: number;
  /** Bytes held for them. */
  bytes: number;
  /** RFC 791 requires at least 15 s. */
  ipv4AgeSeconds: number;
  /** RFC 8200 section 4.5: 60 s. */
  ipv6AgeSeconds: number;
  /** Fragments farther apart than this belong to different datagrams: IPv4's 16-bit identification wraps within seconds. */
  ipv4ApartSeconds: number;
}

export const FRAGMENT_LIMITS: FragmentLimits = {
  datagrams: 4096,
  bytes: 16 * 1024 * 1024,
  ipv4AgeSeconds: 30,
  ipv6AgeSeconds: 60,
  ipv4ApartSeconds: 5,
};
