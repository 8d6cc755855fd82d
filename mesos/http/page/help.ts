/** What keys do, and what words mean. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.ts';
import { areShortcutsOn, setShortcuts } from './shortcuts.ts';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['/'], 'to the filter of a table; from there ↓ leads into the table'],
  [['↑', '↓', '←', '→'], 'through a table; above the first row are its headings'],
  [['PgUp', 'PgDn'], 'a screen of rows up or down'],
  [['Home', 'End'], 'first or last row'],
  [['Enter'], 'open the row or its link; sort by a heading'],
  [['Esc'], 'clear the filter; close this'],
  [['?'], 'this help'],
];

const WORDS: readonly (readonly [string, string])[] = [
  ['slave', 'A machine of the cluster. The v1 API calls it agent.'],
  ['offer', 'Resources of a slave that a framework may use now. It takes them, or declines.'],
  ['dominant share', 'The largest part of any one resource of the cluster that a framework’s tasks use.'],
  ['in use', 'By tasks, as the stream of events tells.'],
];

/** A dialog with help. */
export function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOn, setOn] = useState(areShortcutsOn);
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="help" ref=${dialog} onClose=${close} aria-labelledby="help-title"
      onClick=${(event: Event) => event.target === dialog.current && dialog.current?.close()}>
    <div class="help-body">
      <h2 id="help-title">Keys and words</h2>
      <dl class="keys">${KEYS.map(
        ([keys, meaning]) =>
          html`<div key=${meaning}><dt>${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</dt><dd>${meaning}</dd></div>`,
      )}</dl>
      <label class="check"><input type="checkbox" checked=${isOn} onChange=${() => {
        setShortcuts(!isOn);
        setOn(!isOn);
      }} /> The keys <kbd>/</kbd> and <kbd>?</kbd> work anywhere</label>
      <dl class="words">${WORDS.map(([word, meaning]) => html`<div key=${word}><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </div>
  </dialog>`;
}
