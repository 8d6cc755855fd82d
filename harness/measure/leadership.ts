/** Invariant: one master at a time. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { foldOf } from './fold.ts';
import { Findings, type Invariant } from './invariant.ts';
import { isMaster } from './scope.ts';

/**
 * Once masters are elected, only the latest of them acts: one that was deposed, or succeeded without having learnt it, offers
 * nothing, launches nothing and books nothing.
 */
export function oneMasterActs(): Invariant {
  const findings = new Findings('one-master-acts', 'Only the master that was elected last acts.');
  let elections = 0;
  let leader: string | undefined;
  return foldOf({
    on: {
      every: (line) => {
        if (line.by === leader || elections === 0 || !isMaster(line.by) || isOfLeadership(line)) return;
        findings.report(line, leader === undefined ? 'nobody leads' : `${leader} leads`);
      },
      'master-elected': (line) => {
        elections++;
        leader = line.by;
      },
      'master-deposed': (line) => {
        if (line.by === leader) leader = undefined;
      },
    },
    result: () => findings.check(elections, 'election'),
  });
}

/** Who stands by may see that there is no leader, and say so. */
function isOfLeadership({ event }: HistoryLine): boolean {
  return event === 'master-elected' || event === 'master-deposed' || event === 'leader-lost';
}
