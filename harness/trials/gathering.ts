/** Waits until as many have been seen as are to come. */

/** Those that have been seen, each once. */
export interface Gathering {
  saw(id: string): void;
  /** Resolves when there are so many. */
  reached(count: number): Promise<void>;
}

/** A gathering of nobody yet. */
export function gathering(): Gathering {
  const seen = new Set<string>();
  let waiting: readonly { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    saw(id) {
      seen.add(id);
      const isThere = ({ count }: { readonly count: number }): boolean => seen.size >= count;
      for (const { resolve } of waiting.filter(isThere)) resolve();
      waiting = waiting.filter((each) => !isThere(each));
    },
    reached(count) {
      if (seen.size >= count) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = [...waiting, { count, resolve }];
      return promise;
    },
  };
}
