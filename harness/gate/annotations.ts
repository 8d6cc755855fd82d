/** What the gate says, as workflow commands of GitHub Actions: each becomes a note on the run. */
import type { GatedItem, GateResult } from './gated.ts';

/** GitHub shows ten of a kind. */
const NOTES_MAX = 10;

/** Lines for standard output. Only what did not pass has one. */
export function gateAnnotations({ items, unjudged }: GateResult): readonly string[] {
  const errors = items.filter(({ outcome }) => outcome === 'regressed' || outcome === 'failed');
  const warnings = items.filter(
    (item) => item.outcome !== 'passed' && item.outcome !== 'not judged' && !errors.includes(item),
  );
  return [
    ...errors.slice(0, NOTES_MAX).map((item) => note('error', item)),
    ...warnings.slice(0, NOTES_MAX).map((item) => note('warning', item)),
    ...unjudged
      .slice(0, NOTES_MAX)
      .map(({ id, why }) => `::warning title=${property(`Gate: could not be judged: ${id}`)}::${data(why)}`),
  ];
}

function note(kind: 'error' | 'warning', { id, outcome, what }: GatedItem): string {
  return `::${kind} title=${property(`Gate: ${outcome}: ${id}`)}::${data(what)}`;
}

/** As the runner reads a message. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** As it reads a property: these may hold neither colons nor commas. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
