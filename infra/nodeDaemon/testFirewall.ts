/** For tests: machines of which nothing but ssh is reached. */
import { execFileSync } from 'node:child_process';
import type { Place } from '../place.ts';

/** What becomes of connections that are neither to ssh, nor from the machine itself, nor from one of `friends`, by their addresses. */
export function firewall(
  { shell: [program, ...args] }: Place,
  verdict: 'drop' | 'reject with tcp reset',
  friends: readonly string[] = [],
): void {
  const letIn = friends.length === 0 ? '' : `ip saddr { ${friends.join(', ')} } accept`;
  const rules = `flush ruleset
table inet only {
  chain input {
    type filter hook input priority 0
    iif lo accept
    tcp dport 22 accept
    ${letIn}
    tcp flags & (fin|syn|rst|ack) == syn ${verdict}
  }
}`;
  execFileSync(program, [...args, `nft -f - <<'END'\n${rules}\nEND`]);
}
