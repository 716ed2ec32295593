/** What a server refuses (rights, locks) is for the operator: its own words, without a stack trace of ours. */
import { UnreachableError, UsageError } from '../../base/index.js';

export async function asServerError<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof UnreachableError || (error as { code?: string }).code === undefined) throw error;
    throw new UsageError(`${shown}: ${(error as Error).message}`);
  }
}
