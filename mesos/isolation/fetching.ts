/** Isolation whose executors find in their sandboxes what their commands name: it is fetched before they start. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resources } from '../protocol/resources.ts';
import { type FetchOptions, fetchAll } from './fetcher.ts';
import { type Container, type Exit, KILLED } from './isolation.ts';
import { type ClosableIsolation, failed, sandboxFailure } from './process.ts';
import { makeSandbox } from './sandbox.ts';

/** How to fetch. */
export interface FetchingOptions extends Pick<FetchOptions, 'bytesMax' | 'stallMs'> {
  /** The slave's work folder; that of the isolation module. */
  readonly workDir: string;
}

/** An isolation module that fetches. */
export interface FetchingIsolation extends ClosableIsolation {
  /** Sandboxes that something is being fetched into: no process lives in them yet. */
  fetchingInto(): Iterable<string>;
}

const NOT_STARTED = 126;

/** An isolation module with a fetcher before it. A container that is destroyed while its executor waits never starts it. */
export function fetching(isolation: ClosableIsolation, options: FetchingOptions): FetchingIsolation {
  /** By sandbox. */
  const underWay = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  const { workDir, ...limits } = options;
  return {
    launch(spec, owner) {
      const { uris = [] } = spec.executorInfo.command;
      if (uris.length === 0) return isolation.launch(spec, owner);
      let sandbox: string;
      try {
        sandbox = makeSandbox(workDir, spec);
      } catch (error) {
        return failed(sandboxFailure(workDir, spec, error as Error), owner);
      }
      const abort = new AbortController();
      const { signal } = abort;
      let container: Container | undefined;
      let held: Resources | undefined;
      const launch = async (): Promise<void> => {
        let failure: Exit | undefined;
        try {
          await fetchAll({ ...limits, uris, sandbox, signal });
        } catch (error) {
          if (!signal.aborted) failure = await tell(sandbox, error as Error);
        }
        underWay.delete(sandbox);
        if (signal.aborted) return owner.exited({ status: KILLED });
        if (failure !== undefined) return owner.exited(failure);
        container = isolation.launch(spec, owner);
        if (held !== undefined) container.update?.(held);
        owner.started?.();
      };
      underWay.set(sandbox, { abort, ended: launch() });
      return {
        get isFetching() {
          return container === undefined;
        },
        get state() {
          return container?.state;
        },
        update(resources) {
          held = resources;
          container?.update?.(resources);
        },
        destroy() {
          if (container === undefined) abort.abort();
          else container.destroy();
        },
        usage: () => container?.usage?.(),
        limitation: () => container?.limitation?.(),
      };
    },
    recover: (spec, state, owner) => isolation.recover(spec, state, owner),
    fetchingInto: () => underWay.keys(),
    async close() {
      const all = [...underWay.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ ended }) => ended));
      await isolation.close();
    },
  };
}

/** Tells in the sandbox, too, why nothing has run in it. */
async function tell(sandbox: string, { message }: Error): Promise<Exit> {
  await appendFile(join(sandbox, 'stderr'), `${message}\n`).catch(() => undefined);
  return { status: NOT_STARTED, reason: 'REASON_CONTAINER_LAUNCH_FAILED', message };
}
