/** A folder of a sandbox. */
import { useEffect, useState } from 'preact/hooks';
import { now } from '../clock.ts';
import { bytes, time } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import { askSlave, type Entry, entriesIn, type FileSlave } from './slaveFiles.ts';

/** What is asked for. */
export interface FolderViewOptions {
  readonly slave: FileSlave;
  readonly authorization: string | undefined;
  readonly path: string;
  readonly hrefTo: (entry: Entry) => string;
}

/** Shows it. */
export function FolderView({ slave, authorization, path, hrefTo }: FolderViewOptions) {
  const [entries, setEntries] = useState<readonly Entry[]>();
  const [trouble, setTrouble] = useState('');
  const load = (): void => {
    setTrouble('');
    askSlave(slave, authorization, '/files/browse', { path })
      .then((response) => response.json())
      .then((answer) => setEntries(entriesIn(answer)))
      .catch((error: Error) => setTrouble(error.message));
  };
  useEffect(() => {
    setEntries(undefined);
    load();
  }, [slave, path]);
  return html`<section class="folder" aria-label="Folder">
    <div class="tools"><p class="tally" role="status">${entries === undefined ? (trouble === '' ? 'Asking the slave …' : '') : `${entries.length} entries`}</p>
      <button type="button" onClick=${load}>Look again</button></div>
    ${trouble !== '' && html`<p class="bad" role="alert">This cannot be shown: ${trouble}</p>`}
    ${entries?.length === 0 && html`<p class="missing">It is empty.</p>`}
    ${entries !== undefined && entries.length > 0 && entryTable(entries, hrefTo)}
  </section>`;
}

function entryTable(entries: readonly Entry[], hrefTo: (entry: Entry) => string): Drawn {
  return html`<table class="plain">
    <thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Changed</th><th scope="col">Rights</th><th scope="col">Owner</th></tr></thead>
    <tbody>${entries.map(
      (entry) => html`<tr key=${entry.path}>
        <th scope="row" data-label="Name"><a href=${hrefTo(entry)}>${entry.name}${entry.isFolder && '/'}</a></th>
        <td class="number" data-label="Size">${entry.isFolder ? '' : bytes(entry.sizeBytes)}</td>
        <td data-label="Changed">${time(entry.changedMs, now())}</td>
        <td data-label="Rights"><code>${entry.mode}</code></td>
        <td data-label="Owner">${entry.owner}</td>
      </tr>`,
    )}</tbody>
  </table>`;
}
