export function sipMessages(count: number): Buffer[];
export function hep3(payload: Buffer, i: number): Buffer;
export function frame(payload: Buffer, i: number): Buffer;
export function pcapFile(messages: Buffer[]): Buffer;
export function pcapOf(frames: readonly { at: number; bytes: Buffer }[]): Buffer;
