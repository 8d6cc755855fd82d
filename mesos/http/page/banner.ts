/** What is wrong with the connection, in one sentence, and what happens now. */
import { useEffect } from 'preact/hooks';
import { connect, useNow } from './cluster.ts';
import { time } from './format.ts';
import { html } from './html.ts';
import { knownAuthorization } from './signIn.ts';
import type { Link } from './topics.ts';

/** Says it, if there is something to say. */
export function Banner({ link }: { readonly link: Link }) {
  const nowMs = useNow();
  useEffect(() => {
    // What stands behind the `#` survives redirections, so that one arrives at the same view of the leader.
    if (link.is === 'standby') location.assign(`/redirect${location.hash}`);
  }, [link.is]);
  if (link.is === 'standby')
    return html`<div class="banner" role="status"><p>
      <strong>This master does not lead.</strong> Going to the one that does … <a href=${`/redirect${location.hash}`}>Go there now</a></p></div>`;
  if (link.is !== 'lost') return null;
  const seconds = Math.max(0, Math.ceil((link.retryMs - nowMs) / 1000));
  return html`<div class="banner" role="alert">
    <p><strong>Not live.</strong> ${sentence(link.why)} ${
      link.sinceMs !== undefined && `What you see is from ${time(link.sinceMs, nowMs)}. `
    }<span class="countdown" aria-live="off">Trying again in ${seconds} s.</span></p>
    <button type="button" onClick=${() => connect(knownAuthorization())}>Try now</button>
  </div>`;
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/\.$/, '');
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
}
