/** What makes a handler of a script, and what it needs of the run that it decides for. */
import type { Clock, Ledger, Log } from '../base/index.js';
import type { MessagePreparer } from '../extract/prepare-message.js';
import type { CaptureSwitch, Handler } from '../pipeline/handler.js';
import type { Script, ScriptMemory } from '../route/index.js';
import type { OpenTarget } from './script-targets.js';

/** What of the settings a script needs. */
export interface ScriptSettings {
  script: Script | null;
  /** `none`, `sip` or a route's name. */
  hepRoute: string;
  scriptVersion: '' | '2' | '3';
  /** Functions that are not available here; an error by default. */
  unknownFunctions?: 'error' | 'skip';
  /** Statements that one message may take, and characters of a text that the script puts together. */
  scriptLimits?: { maxWork: number; maxText: number };
}

export interface ScriptContext {
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Clock;
  readonly preparer: MessagePreparer;
  /** The switch for the storing of SIP. */
  readonly switches: CaptureSwitch;
  /** What is done where no route runs. */
  readonly fallback: Handler;
  /** Opens a target that the script names. */
  readonly openTarget: OpenTarget;
  /** What the script counted and stored under previous configurations. */
  readonly memory?: ScriptMemory;
}

/** Creates the handler that settings ask for; null without a script. Throws a UsageError for a script with errors. */
export type PolicyFactory = (settings: ScriptSettings, context: ScriptContext) => Handler | null;
