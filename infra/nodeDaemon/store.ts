/**
 * The store of a machine before Node runs there: what its shell can tell of it, and what is sent through the shell. Machines may share
 * one; contents get there under another name and are renamed, so that nobody meets a part, whoever sends at the same time.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Place } from '../place.ts';
import type { Content } from './code.ts';
import { quoted, tell } from './shell.ts';

/** Where a content is kept, below the store. */
export type Kind = 'node' | 'code';

/** For scripts: makes sure that `$store/id` names the store for good, and puts that into `$id`. */
export function identifyStore(): string {
  const own = randomUUID();
  return `[ -s "$store/id" ] || {
  echo ${own} >"$store/.${own}" && { ln "$store/.${own}" "$store/id" 2>/dev/null || [ -s "$store/id" ] || mv "$store/.${own}" "$store/id"; }
  rm -f "$store/.${own}"
}
id=$(cat "$store/id") || exit 5`;
}

/** What is being sent, by store and hash: machines that share a store are sent it once. */
const sending = new Map<string, Promise<void>>();

/**
 * Sends a content to the store of this name, unless that is under way. `links` are links to make in it, by name; what they lead to
 * is below the store.
 */
export function send(
  place: Place,
  storeId: string,
  kind: Kind,
  content: Content,
  name: string,
  links: Readonly<Record<string, string>> = {},
): Promise<void> {
  const key = `${storeId}/${kind}/${name}`;
  const underWay = sending.get(key);
  if (underWay !== undefined) return underWay;
  const sent = sendTar(place, kind, content, name, links).finally(() => sending.delete(key));
  sending.set(key, sent);
  return sent;
}

async function sendTar(
  place: Place,
  kind: Kind,
  content: Content,
  name: string,
  links: Readonly<Record<string, string>>,
): Promise<void> {
  const { root, files } = content;
  const part = `.part-${randomUUID()}`;
  const linking = Object.entries(links).map(
    ([link, to]) =>
      `mkdir -p "$(dirname ${quoted(link)})" && ln -s "$store"/${quoted(to)} ${quoted(link)} &&`,
  );
  // An archive that ends early may look whole: the last file must be there.
  const script = `umask 077
store=${quoted(place.store)}
command -v tar >/dev/null || { echo "tar is missing there: install it" >&2; exit 5; }
trap 'cd /; rm -rf "$store"/${part}' EXIT
trap 'exit 5' HUP INT TERM
mkdir -p "$store/${kind}" "$store/${part}/${name}" && cd "$store/${part}/${name}" && tar -xf - && [ -e ${quoted(files.at(-1) ?? '.')} ] &&
${linking.join('\n')}
{ mv "$store/${part}/${name}" "$store/${kind}/" 2>/dev/null || [ -d "$store/${kind}/${name}" ]; }`;
  const tar = spawn('tar', ['-C', root, '-cf', '-', '-T', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const failed = new Promise<never>((_, reject) => {
    tar.once('error', (error) => reject(new Error(`tar is needed here: ${error.message}`, { cause: error })));
    tar.once('exit', async (code) => {
      if (code !== 0) reject(new Error(`tar failed here: ${(await complaint).trim()}`));
    });
  });
  const complaint = text(tar.stderr);
  tar.stdin.on('error', () => {});
  tar.stdin.end(`${files.join('\n')}\n`);
  try {
    await Promise.race([tell(place, script, tar.stdout), failed]);
  } finally {
    tar.kill();
  }
}
