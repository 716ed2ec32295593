/** Parts of SIP URIs (RFC 3261 section 19.1) as scripts ask for them. */

/** The URI out of a From, To or Contact value (RFC 3261 section 20.10): within angle brackets, or up to the parameters. */
export function addressUri(value: string): string {
  let at = 0;
  if (value.charCodeAt(0) === 0x22) {
    for (at = 1; at < value.length && value.charCodeAt(at) !== 0x22; at++) if (value.charCodeAt(at) === 0x5c) at++;
  }
  const open = value.indexOf('<', at);
  if (open >= 0) {
    const close = value.indexOf('>', open);
    return value.slice(open + 1, close < 0 ? value.length : close).trim();
  }
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
}

export function uriUser(uri: string): string {
  const from = uri.indexOf(':') + 1;
  const at = uri.lastIndexOf('@');
  if (at < from) return '';
  const user = uri.slice(from, at);
  const password = user.indexOf(':');
  return password < 0 ? user : user.slice(0, password);
}

export function uriHost(uri: string): string {
  const from = Math.max(uri.indexOf(':'), uri.lastIndexOf('@')) + 1;
  const rest = uri.slice(from);
  if (rest.startsWith('[')) return rest.slice(0, rest.indexOf(']') + 1);
  const end = rest.search(/[:;?]/);
  return end < 0 ? rest : rest.slice(0, end);
}
