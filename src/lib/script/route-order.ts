/**
 * Which routes run for a message, in which order: the one named by hep_route for HEP, then the main route for requests and the
 * onreply_route for replies.
 */
import { PAYLOAD_SIP, type Message } from '../base/index.js';
import type { Ending, Program, Route } from '../route/index.js';
import type { ScriptHost } from './script-host.js';

const REQUEST = 1;

/** `default`: the script has no route for such a message; it is handled as without a script. */
export type Outcome = Ending | 'default';

export class RouteOrder {
  private readonly hep: Route | null;
  private readonly requests: Route | null;
  private readonly replies: Route | null;
  private readonly storesByDefault: boolean;

  /** `enters` is called with each route before it runs. */
  constructor(
    private readonly program: Program,
    hepRoute: string,
    private readonly enters: (route: Route) => void = () => {},
  ) {
    this.storesByDefault = hepRoute === 'none';
    this.hep = hepRoute === 'none' || hepRoute === 'sip' ? null : program.route('route', hepRoute);
    this.requests = program.route('route');
    this.replies = program.route('onreply_route');
  }

  run(message: Message, host: ScriptHost): Outcome {
    const isHep = message.envelope !== null;
    const first = isHep ? this.hep : null;
    // Payloads other than SIP have no main route; they are stored as reports.
    if ((isHep && this.storesByDefault) || (first === null && message.payloadType !== PAYLOAD_SIP)) return 'default';
    host.begin(message);
    if (first !== null) {
      host.stage = 'hep';
      this.enters(first);
      const ending = this.program.run(first, host);
      if (ending !== 'resume') return ending;
    }
    if (first === null) host.stage = 'sip';
    else host.resumeSip();
    const sip = host.sip();
    const route = sip === null ? null : sip.kind === REQUEST ? this.requests : this.replies;
    if (route === null) return 'end';
    this.enters(route);
    return first === null ? this.program.run(route, host) : this.program.goOn(route, host);
  }
}
