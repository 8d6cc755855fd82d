/** What the frameworks of a history are called. */
import { type Fold, foldOf } from './fold.ts';
import type { Pass } from './pass.ts';

/** The name of the framework that a line is about; undefined if that has not registered. */
export type NameOf = (line: Parameters<Pass['framework']>[0]) => string | undefined;

/** Follows registrations. */
export function frameworkNames(pass: Pass): Fold<NameOf> {
  const names: string[] = [];
  return foldOf({
    on: {
      'framework-registered': (line) => {
        names[pass.framework(line)] = line.name;
      },
    },
    result: () => (line) => names[pass.framework(line)],
  });
}
