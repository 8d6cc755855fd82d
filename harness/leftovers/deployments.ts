/** Deployments that nobody works on any more, and that are not what somebody wanted to keep. */
import { openBook } from '../../infra/deployments/book.ts';
import { hold, holderOf } from '../../infra/deployments/holder.ts';
import { deploymentFolder, deploymentNames, deploymentsHome } from '../../infra/deployments/home.ts';
import { type DeploymentRecord, forget, readRecord } from '../../infra/deployments/record.ts';
import { takeDown } from '../up/takeDown.ts';
import type { Leftover } from './leftover.ts';

/** Those whose command was killed while it was at work on them. */
export function leftDeployments(home = deploymentsHome()): readonly Leftover[] {
  return deploymentNames(home).flatMap((name): readonly Leftover[] => {
    const folder = deploymentFolder(home, name);
    if (holderOf(folder) !== undefined) return [];
    const found = readRecord(folder);
    switch (found.is) {
      case 'missing':
        return [left(name, 'it has no record', async () => forget(folder))];
      case 'damaged':
        return [
          left(name, found.why, () => Promise.reject(new Error('repair its record, or remove it by hand'))),
        ];
      case 'found': {
        const why = whyLeft(found.record);
        return why === undefined ? [] : [left(name, why, () => end(folder, found.record))];
      }
      default:
        return found satisfies never;
    }
  });
}

function left(name: string, why: string, remove: () => Promise<void>): Leftover {
  return { kind: 'deployment', what: name, why, remove };
}

/** Undefined if it is to stay. */
function whyLeft({ state, plan }: DeploymentRecord): string | undefined {
  if (plan === null) return "the 'lab run' that made it has ended";
  return state === 'running' ? undefined : `whoever was at work on it (${state}) has ended`;
}

async function end(folder: string, record: DeploymentRecord): Promise<void> {
  using _ = hold(folder, 'lab doctor');
  const left = await takeDown(folder, openBook(folder, record));
  if (left.length > 0) throw new Error(left.map(({ why }) => why).join('; '));
}
