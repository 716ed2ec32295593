/** A host that records the calls of scripts. */
import { hepEndpointText, isFault, NO_FRAMES, type HepEnvelope, type Message } from '../../src/lib/base/index.js';
import {
  Diagnostics,
  ScriptCache,
  ScriptStatistics,
  Source,
  compile,
  formatDiagnostics,
  parseRoutes,
  type CompileOptions,
  type Program,
  type RouteContext,
  type Value,
} from '../../src/lib/route/index.js';
import { HEP_CHUNKS } from '../../src/lib/script/route-chunks.js';
import { headerValues, parseSip } from '../../src/lib/sip/index.js';

export const INVITE = [
  'INVITE sip:bob@127.0.0.9 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK0',
  'From: "Alice" <sip:alice@a.example>;tag=f1',
  'To: <sip:bob@b.example>',
  'Call-ID: call-1',
  'CSeq: 7 INVITE',
  'P-Asserted-Identity: <sip:1000@a.example>',
  'User-Agent: phone/1',
  'Content-Length: 4',
  '',
  'v=0\n',
].join('\r\n');
export const RINGING = INVITE.replace('INVITE sip:bob@127.0.0.9 SIP/2.0', 'SIP/2.0 180 Ringing');

export function hepEnvelope(version = 3): HepEnvelope {
  return {
    version,
    bytes: Buffer.alloc(0),
    peerAddress: '127.0.0.5',
    peerPort: 4000,
    localAddress: '127.0.0.6',
    localPort: 9060,
    transport: 'udp',
    isIdentified: false,
  };
}

export function messageOf(text: string, envelope: HepEnvelope | null = hepEnvelope()): Message {
  return {
    capturedAt: 1_700_000_000_123_456,
    sourceAddress: '127.0.0.1',
    sourcePort: 5060,
    destinationAddress: '127.0.0.2',
    destinationPort: 5080,
    protocol: 17,
    family: 2,
    payloadType: 1,
    payload: Buffer.from(text),
    captureId: 1,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope,
    sip: null,
    frames: NO_FRAMES,
  };
}

export class Recording implements RouteContext {
  readonly logged: string[] = [];
  readonly statistics = new ScriptStatistics();
  readonly cache = new ScriptCache();
  readonly startedAt = 1_700_000_000_000_000;
  stage: 'hep' | 'sip' = 'sip';
  refuses: string | null = null;
  readonly chunks = new Map<string, Value>();

  constructor(readonly message: Message = messageOf(INVITE)) {}

  sip() {
    const { message } = this;
    if (message.sip === null) {
      const sip = parseSip(message.payload);
      if (!isFault(sip)) message.sip = sip;
    }
    return message.sip;
  }

  header(name: string, index: number): string | null {
    const sip = this.sip();
    return sip === null ? null : (headerValues(sip, name).at(index) ?? null);
  }

  headers(name: string): readonly string[] {
    const sip = this.sip();
    return sip === null ? [] : headerValues(sip, name);
  }

  skipped(name: string): void {
    this.logged.push(`skipped ${name}`);
  }

  environment(name: string): string | null {
    return name === 'HOME' ? '/home/sip' : null;
  }

  getChunk({ text }: { text: string }): Value {
    this.logged.push(`get ${text}`);
    return this.chunks.get(text) ?? null;
  }

  chunkVendor(): number {
    return 3;
  }

  setChunk({ name, data }: { name: { text: string }; data: Buffer }) {
    return this.say(`set ${name.text} ${data.toString('hex')}`);
  }

  deleteChunk({ text }: { text: string }) {
    return this.say(`del ${text}`);
  }

  relay(target: Parameters<RouteContext['relay']>[0]) {
    return this.say(`relay ${hepEndpointText(target)}`);
  }

  store(...columns: (string | null)[]) {
    return this.say(`store ${JSON.stringify(columns)}`);
  }

  report(correlationId: string, table: string | null, payloadType: number) {
    return this.say(`report ${JSON.stringify([correlationId, table, payloadType])}`);
  }

  log(level: number, text: string): void {
    this.logged.push(`log ${level} ${text}`);
  }

  failed(place: string, reason: string): void {
    this.logged.push(`failed ${place} ${reason}`);
  }

  now(): number {
    return 1_700_000_100_000_000;
  }

  time(format: string): string {
    return `<${format}>`;
  }

  private say(text: string): string | null {
    this.logged.push(text);
    return this.refuses;
  }
}

export interface Compiled {
  program: Program | null;
  /** Diagnostics as printed. */
  text: string;
}

export function compiled(text: string, options: Partial<CompileOptions> = {}): Compiled {
  const source = new Source('s.cfg', text);
  const diagnostics = new Diagnostics();
  const script = parseRoutes(source, diagnostics);
  const program = compile(script, { vocabulary: HEP_CHUNKS, diagnostics, scriptVersion: null, ...options });
  return { program, text: formatDiagnostics(source, diagnostics.list()) };
}

/** Runs the main route; what happened, line by line, and last how it ended. */
export function ran(text: string, context = new Recording(), options: Partial<CompileOptions> = {}): string[] {
  const { program, text: logged } = compiled(text, options);
  if (program === null) throw new Error(logged);
  const route = program.route('route', context.stage === 'hep' ? options.hepRoute : '');
  if (route === null) throw new Error('the script has no such route');
  const ending = program.run(route, context);
  return ending === 'end' ? context.logged : [...context.logged, ending];
}
