/** Creates a handler from a script, and what it needs from its run. */
import type { Clock, Ledger, Log } from '../base/index.js';
import type { MessagePreparer } from '../extract/prepare-message.js';
import type { CaptureSwitch, Handler } from '../pipeline/handler.js';
import type { Script, ScriptMemory } from '../route/index.js';
import type { OpenTarget } from './script-targets.js';

/** The settings that a script needs. */
export interface ScriptSettings {
  script: Script | null;
  /** `none`, `sip` or a route's name. */
  hepRoute: string;
  scriptVersion: '' | '2' | '3';
  /** Functions that are not available here; an error by default. */
  unknownFunctions?: 'error' | 'skip';
  /** Statements per message, and characters of a text that the script builds. */
  scriptLimits?: { maxWork: number; maxText: number };
}

export interface ScriptContext {
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Clock;
  readonly preparer: MessagePreparer;
  /** The switch for the storing of SIP. */
  readonly switches: CaptureSwitch;
  /** The handler for messages without a route. */
  readonly fallback: Handler;
  /** Opens a target that the script names. */
  readonly openTarget: OpenTarget;
  /** What the script counted and stored under previous configurations. */
  readonly memory?: ScriptMemory;
}

/** Creates the handler configured by settings; null without a script. Throws a UsageError for a script with errors. */
export type PolicyFactory = (settings: ScriptSettings, context: ScriptContext) => Handler | null;
