/** Memory that is really in use. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of V8's heap and of buffers, garbage collected before. */
export function usedMemory(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Takes a part of Node's pool for small buffers, as everything else in a running program does between two calls. */
export function usePool(): void {
  Buffer.allocUnsafe(3000);
}
