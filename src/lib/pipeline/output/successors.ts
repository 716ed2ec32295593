/** A reload of outputs, step by step: what is opened, what has to be closed for it first, and how that is closed. */
import { UsageError } from '../../base/index.js';
import { isSpooling, type CloseDeadline, type Output, type OutputSpec } from './output.js';

export interface SuccessorSteps {
  open(spec: OutputSpec): Promise<Output>;
  close(holders: readonly Output[]): Promise<void>;
  /** Called before the first output is closed: nothing may be delivered from then on. */
  hold(): void;
}

/**
 * Opens what is new, first what needs no folder of one that goes. `opened` and `closedEarly` say how far it came where it
 * throws: also where what one that goes has in memory cannot be handed on through its spool.
 */
export async function openSuccessors(
  fresh: readonly OutputSpec[],
  going: readonly Output[],
  { open, close, hold }: SuccessorSteps,
  opened: Output[],
  closedEarly: Output[],
): Promise<void> {
  const holdersOf = (spec: OutputSpec) => going.filter(({ holds }) => holds.some((folder) => spec.holds.includes(folder)));
  const waiting = fresh.filter((spec) => holdersOf(spec).length > 0);
  for (const { name, database } of waiting.flatMap(holdersOf))
    if (database?.isStranded === true)
      throw new UsageError(
        `${name} neither stores nor spools now, and the messages in its memory would be lost: make room on the disk of the spool, or name another spool.directory`,
      );
  for (const spec of fresh) if (!waiting.includes(spec)) opened.push(await open(spec));
  for (const spec of waiting) {
    const holders = holdersOf(spec).filter((output) => !closedEarly.includes(output));
    closedEarly.push(...holders);
    hold();
    await close(holders);
    opened.push(await open(spec));
  }
}

/** True where all of them ended before the deadline. What spools ends soon after it: what it has in memory is on the disk then. */
export async function closeOutputs(going: readonly Output[], deadline: CloseDeadline): Promise<boolean> {
  const close = ({ relay, sink }: Output) => relay?.close(deadline.passed) ?? sink.close(deadline.remainingMs);
  const spooling = Promise.all(going.filter(isSpooling).map(close));
  const closing = Promise.all([spooling, ...going.filter((output) => !isSpooling(output)).map(close)]).then(() => true);
  const done = await Promise.race([closing, deadline.passed.then(() => false)]);
  await spooling;
  return done;
}

/** In the order of the specs, which is that of the summary. */
export function inOrder(outputs: readonly Output[], specs: readonly OutputSpec[]): Output[] {
  const place = ({ key }: Output) => {
    const at = specs.findIndex((spec) => spec.key === key);
    return at < 0 ? specs.length : at;
  };
  return [...outputs].sort((a, b) => place(a) - place(b));
}
