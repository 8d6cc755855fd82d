/** Invariant: one master at a time. */
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
  return {
    observe(line) {
      if (line.event === 'master-elected') {
        elections++;
        leader = line.by;
      } else if (line.event === 'master-deposed') {
        if (line.by === leader) leader = undefined;
      } else if (line.event === 'leader-lost') {
        // Who stands by may see and say so.
      } else if (elections > 0 && isMaster(line.by) && line.by !== leader)
        findings.report(line, leader === undefined ? 'nobody leads' : `${leader} leads`);
    },
    result: () => findings.check(elections, 'election'),
  };
}
