/** Parts of SIP URIs (RFC 3261 section 19.1) for scripts. */

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

export interface UriParts {
  scheme: string;
  user: string;
  password: string;
  host: string;
  port: string;
  /** Between `;` and `?`, without the first `;`. */
  parameters: string;
  headers: string;
}

/** RFC 3261 section 19.1.1; what is missing is ''. */
export function parseUri(uri: string): UriParts {
  const text = uri.trim();
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const rest = text.slice(scheme === '' ? 0 : scheme.length + 1);
  const question = rest.indexOf('?', Math.max(0, rest.lastIndexOf('@')));
  const headers = question < 0 ? '' : rest.slice(question + 1);
  const before = question < 0 ? rest : rest.slice(0, question);
  // A user may hold `;`; parameters follow the host.
  const at = before.lastIndexOf('@');
  const userinfo = at < 0 ? '' : before.slice(0, at);
  const colon = userinfo.indexOf(':');
  const after = before.slice(at + 1);
  const semicolon = after.indexOf(';');
  const hostport = semicolon < 0 ? after : after.slice(0, semicolon);
  const { host, port } = splitPort(hostport);
  const isTel = scheme.toLowerCase() === 'tel';
  return {
    scheme,
    user: isTel ? hostport : colon < 0 ? userinfo : userinfo.slice(0, colon),
    password: colon < 0 ? '' : userinfo.slice(colon + 1),
    host: isTel ? '' : host,
    port,
    parameters: semicolon < 0 ? '' : after.slice(semicolon + 1),
    headers,
  };
}

export interface ViaParts {
  name: string;
  version: string;
  transport: string;
  host: string;
  port: string;
  parameters: string;
  comment: string;
}

/** RFC 3261 section 20.42: `SIP/2.0/UDP host:port;parameters (comment)`. */
export function parseVia(via: string): ViaParts {
  const match = /^\s*([^\s/]+)\s*\/\s*([^\s/]+)\s*\/\s*([^\s/]+)\s+([^\s;(,]+)([^(,]*)(?:\(([^)]*)\))?/.exec(via);
  if (match === null) return { name: '', version: '', transport: '', host: '', port: '', parameters: '', comment: '' };
  const { host, port } = splitPort(match[4]);
  const parameters = match[5].trim().replace(/^;\s*/, '');
  return { name: match[1], version: match[2], transport: match[3], host, port, parameters, comment: match[6] ?? '' };
}

/** The parameters after an address of From, To or Contact. */
export function headerParameters(value: string): string {
  const close = value.lastIndexOf('>');
  const semicolon = value.indexOf(';', Math.max(0, close));
  return semicolon < 0 ? '' : value.slice(semicolon + 1).trim();
}

export interface Parameter {
  /** In lower case, for comparisons. */
  name: string;
  written: string;
  /** Without quotes; '' where there is none. */
  value: string;
}

/** `name=value;name;name="a;b"`. */
export function parameterList(text: string, separator = ';'): Parameter[] {
  const found: Parameter[] = [];
  for (let from = 0; from < text.length;) {
    const end = parameterEnd(text, from, separator);
    const part = text.slice(from, end);
    from = end + 1;
    const equals = part.indexOf('=');
    const written = (equals < 0 ? part : part.slice(0, equals)).trim();
    const value = equals < 0 ? '' : part.slice(equals + 1).trim();
    if (written !== '') found.push({ name: written.toLowerCase(), written, value: value.replace(/^"(.*)"$/s, '$1') });
  }
  return found;
}

/** Where the parameter ends: at the next separator outside of quotes. */
function parameterEnd(text: string, from: number, separator: string): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) at++;
    else if (character === separator && !isQuoted) return at;
  }
  return text.length;
}

/** What precedes the URI in brackets, as written. */
export function displayName(value: string): string {
  const open = value.indexOf('<', value.startsWith('"') ? Math.max(0, value.indexOf('"', 1)) : 0);
  return open < 0 ? '' : value.slice(0, open).trim();
}

/** A parameter of an Authorization or Proxy-Authorization header, '' where there is none. */
export function credential(header: string, name: string): string {
  const list = header.slice(header.indexOf(' ') + 1);
  return parameterList(list, ',').find((one) => one.name === name)?.value ?? '';
}

function splitPort(text: string): { host: string; port: string } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text.trim());
  return match === null ? { host: text.trim(), port: '' } : { host: match[1], port: match[2] ?? '' };
}

/** The URI with its user, host or port changed; '' removes it. */
export function changedUri(uri: string, part: 'user' | 'password' | 'host' | 'port', value: string): string {
  const parts = { ...parseUri(uri), [part]: value };
  const userinfo = parts.user === '' ? '' : `${parts.user}${parts.password === '' ? '' : `:${parts.password}`}@`;
  const port = parts.port === '' ? '' : `:${parts.port}`;
  const after = `${parts.parameters === '' ? '' : `;${parts.parameters}`}${parts.headers === '' ? '' : `?${parts.headers}`}`;
  return `${parts.scheme || 'sip'}:${userinfo}${parts.host}${port}${after}`;
}

/** Values of a header separated by commas outside quotes and angle brackets (RFC 3261 section 7.3.1). */
export function headerValuesOf(header: string): string[] {
  const values: string[] = [];
  let from = 0;
  let isQuoted = false;
  let isUri = false;
  for (let at = 0; at < header.length; at++) {
    const character = header[at];
    if (isQuoted) {
      if (character === '\\') at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '<') isUri = true;
    else if (character === '>') isUri = false;
    else if (character === ',' && !isUri) {
      values.push(header.slice(from, at).trim());
      from = at + 1;
    }
  }
  values.push(header.slice(from).trim());
  return values.filter((value) => value !== '');
}
