/** A file as text: its end, which goes on while it is written. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { bytes } from '../format.ts';
import { html } from '../html.ts';
import { askSlave, type FileSlave } from './slaveFiles.ts';
import { followFile, type Shown, type Tail } from './tail.ts';

/** What is asked for. */
export interface FileViewOptions {
  readonly slave: FileSlave;
  readonly authorization: string | undefined;
  readonly path: string;
}

/** How near the end one has to be to be carried along, in pixels. */
const NEAR_PX = 24;

/** Shows it. */
export function FileView({ slave, authorization, path }: FileViewOptions) {
  const [shown, setShown] = useState<Shown>();
  const [isPinned, setPinned] = useState(true);
  const [trouble, setTrouble] = useState('');
  const tail = useRef<Tail>(undefined);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const own = followFile(slave, authorization, path, setShown);
    tail.current = own;
    return () => own.close();
  }, [slave, path]);
  useLayoutEffect(() => {
    if (isPinned) toEnd(box.current);
  }, [shown?.text, isPinned]);
  const attempt = async (something: () => Promise<void> | undefined): Promise<void> => {
    try {
      setTrouble('');
      await something();
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return html`<section class="file" aria-label="File">
    <div class="tools">
      <p class="tally" role="status">${statusText(shown)}</p>
      <button type="button" aria-pressed=${isPinned} onClick=${() => setPinned(!isPinned)}><span aria-hidden="true">${isPinned ? '●' : '○'}</span> Stay at the end</button>
      <button type="button" onClick=${() => void attempt(() => download(slave, authorization, path))}>Download</button>
      ${
        (shown?.fromByte ?? 0) > 0 &&
        html`<button type="button" onClick=${() => {
          setPinned(false);
          void attempt(() => tail.current?.earlier());
        }}>Show earlier</button>`
      }
    </div>
    ${[shown?.trouble, trouble].filter(Boolean).map((one) => html`<p class="bad" role="alert" key=${one}>This did not work: ${one}</p>`)}
    ${(shown?.fromByte ?? 0) > 0 && html`<p class="hint">${bytes(shown?.fromByte ?? 0)} stand before this.</p>`}
    <pre class="text" tabindex="0" ref=${box} aria-label="Content" onScroll=${() => {
      const isAtEnd = isNearEnd(box.current);
      if (isAtEnd !== isPinned) setPinned(isAtEnd);
    }}>${shown?.text}</pre>
  </section>`;
}

function statusText(shown: Shown | undefined): string {
  if (shown === undefined) return 'Asking the slave …';
  if (shown.trouble !== undefined) return 'Not followed';
  return shown.isFollowing
    ? '● live: what is written appears here'
    : '✓ complete: nobody writes to it any more';
}

function toEnd(box: HTMLElement | null): void {
  if (box !== null) box.scrollTop = box.scrollHeight;
}

function isNearEnd(box: HTMLElement | null): boolean {
  return box === null || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
}

/** Saves a whole file. It goes through the page, since a plain link could not say who asks. */
async function download(slave: FileSlave, authorization: string | undefined, path: string): Promise<void> {
  const response = await askSlave(slave, authorization, '/files/download', { path });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = path.slice(path.lastIndexOf('/') + 1);
  link.click();
  URL.revokeObjectURL(url);
}
