/** Where both sides of a comparison come from. */
import type { ComparisonData, Side } from '../../harness/comparison.ts';
import { commands, table } from '../page/blocks.ts';
import { type Html, html, type Insert } from '../page/html.ts';
import { gibibytes } from '../page/provenance.ts';
import { count } from '../words.ts';

/** The section. */
export function sidesSection({ base, head, machine, command }: ComparisonData): Html {
  const row = (name: string, show: (side: Side) => Insert): readonly Insert[] => [
    name,
    show(base),
    show(head),
  ];
  return html`<section id="provenance" aria-labelledby="provenance-title">
<h2 id="provenance-title">Both sides</h2>
${table(
  'Where both sides come from',
  [{ title: '' }, { title: 'Base' }, { title: 'Head' }],
  [
    row('Named', ({ name }) => name),
    row(
      'Commit',
      ({ commit, dirty }) =>
        html`<code>${commit.slice(0, 12)}</code>${dirty ? ' with changes that no commit holds' : ''}`,
    ),
    row('Node.js', ({ nodeVersion }) => nodeVersion),
    row('Lock file', ({ lockfileSha256 }) => html`<code>sha256 ${lockfileSha256.slice(0, 12)}</code>`),
  ],
)}<p>Measured on ${count(machine.cores, 'core')} of ${machine.cpuModel}, ${gibibytes(machine.memoryBytes)}, ${machine.kernel}.</p>
${commands('The comparison again:', [command])}</section>
`;
}
