/**
 * The entry that Homer's mapping of calls lacks by default: from an A leg to the legs whose correlation_id is its Call-ID. The way
 * back is among Homer's defaults.
 */
const ENTRY = {
  source_field: 'data_header.callid',
  lookup_id: 1,
  lookup_profile: 'call',
  lookup_field: "protocol_header->>'correlation_id'",
  lookup_range: [-300, 200],
};

/** An element of correlation_mapping, for the row of hepid 1 and profile call. */
export function homerMapping(): string {
  return `${JSON.stringify(ENTRY, null, 2)}\n`;
}
