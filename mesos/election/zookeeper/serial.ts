/** Something that takes a while and may be asked for at any moment. */

/**
 * Runs something once at a time: a call during a run makes it run again after that. It must not reject.
 */
export function serial(run: () => Promise<void>): () => void {
  let state: 'idle' | 'running' | 'again' = 'idle';
  const next = (): void => {
    state = 'running';
    void run().then(() => {
      if (state === 'again') next();
      else state = 'idle';
    });
  };
  return () => {
    if (state === 'idle') next();
    else state = 'again';
  };
}
