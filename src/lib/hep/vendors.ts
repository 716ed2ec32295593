/** Vendors of chunks: HEP3 Network Protocol Specification rev. 37, table of vendor ids. */
export const VENDORS: readonly string[] = [
  'generic',
  'FreeSWITCH',
  'Kamailio',
  'OpenSIPS',
  'Asterisk',
  'Homer',
  'sipXecs',
  'Yeti-Switch',
  'Genesys',
];

export const VENDOR_GENERIC = 0;
export const VENDOR_OPENSIPS = 3;

/** "SC": chunks of sipcap, not in the table. */
export const VENDOR_SIPCAP = 0x5343;

/** The vendor's name, or its number if it has none. */
export function vendorText(vendor: number): string {
  if (vendor === VENDOR_SIPCAP) return 'sipcap';
  return VENDORS[vendor] ?? String(vendor);
}
