/** What the gate says, for a terminal. */
import { comparisonText } from '../compare/words.ts';
import type { ComparisonData } from '../comparison.ts';
import type { GateResult } from './gated.ts';

/** The comparison, the claims that are lost, and the outcome. Ends with a line break. */
export function gateText(data: ComparisonData, { outcome, items }: GateResult): string {
  const lost = items.filter((item) => item.kind === 'claim' && item.outcome === 'regressed');
  const claims = data.claims.filter(
    ({ experiment, id }) => !lost.some((item) => item.id === `${experiment}/${id}`),
  );
  const lines = [...lost.map(({ what }) => `No longer reproduced: ${what}`), `Gate: ${outcome}.`];
  return `${comparisonText({ ...data, claims })}${lines.join('\n')}\n`;
}
