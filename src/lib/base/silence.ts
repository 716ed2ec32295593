/** A peer that is silent for long is named: who waits in front of a terminal wants to know for what. */

const SILENT_MS = 5000;

/** Awaits the work; meanwhile, once, says that `name` has sent nothing for so long. */
export async function patiently<T>(work: Promise<T>, name: string, log: { info(text: string): void }): Promise<T> {
  const timer = setTimeout(() => log.info(`${name} has sent nothing for ${SILENT_MS / 1000} s: still waiting`), SILENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
