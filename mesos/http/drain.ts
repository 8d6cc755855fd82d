/** When a slow reader has taken what waits for it. */
import type { ServerResponse } from 'node:http';

/** Resolves when more may be written. False: the reader is gone. */
export function drained(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (isThere: boolean) => (): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(isThere);
    };
    const onDrain = done(true);
    const onClose = done(false);
    response.on('drain', onDrain);
    response.on('close', onClose);
  });
}
