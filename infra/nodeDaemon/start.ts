/** Starts a daemon on a machine that has nothing but a shell: sends Node and our code if they are not there. */
import { OURS, type Place } from '../place.ts';
import { ownCode, ownNode } from './code.ts';
import type { DaemonSettings } from './daemon.ts';
import { type DeploymentKeys, machineKeys } from './keys.ts';
import { decode } from './protocol.ts';
import { type DaemonRecord, recordSchema } from './record.ts';
import { quoted, tell } from './shell.ts';
import { identifyStore, send } from './store.ts';

/** How to start a daemon. */
export interface StartOptions {
  readonly keys: DeploymentKeys;
  /** Port to listen on; default any free one. */
  readonly port?: number;
  /** The daemon ends when nobody has been connected for so long and it has no kept process; default an hour. */
  readonly idleMs?: number;
  /** The `lab` command, if the machine has it already. Nothing is sent then. Default: what the place says. */
  readonly lab?: string;
}

const IDLE_MS = 3_600_000;
/** Of Node, at least. */
const NODE_MAJOR_MIN = 24;
/** What machines call what Node calls so. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Where Node is for a code in the store: the machine's own, or the one of that hash. */
type NodeChoice = { readonly is: 'own' } | { readonly is: 'sent'; readonly hash: string };

/** Starts a daemon there. Rejects with one sentence that names the machine. Secrets travel on standard input only. */
export async function startDaemon(place: Place, options: StartOptions): Promise<DaemonRecord> {
  const settings: Omit<DaemonSettings, 'lab'> = {
    name: place.name,
    ip: place.ip,
    port: options.port ?? 0,
    folder: place.folder,
    store: place.store,
    idleMs: options.idleMs ?? IDLE_MS,
    keys: await machineKeys(options.keys, place.name),
  };
  const lab = options.lab ?? place.lab;
  if (lab !== undefined) return startBy(place, lab, settings);
  const { version } = process;
  const [node, code] = await Promise.all([ownNode(), ownCode()]);
  const [withOwn, withSent] = [
    codeName(code.hash, { is: 'own' }),
    codeName(code.hash, { is: 'sent', hash: node.hash }),
  ];
  const looked = await tell(
    place,
    `umask 077
store=${quoted(place.store)}
mkdir -p "$store" || exit 5
${identifyStore()}
has() { if [ -d "$store/$1" ]; then echo yes; else echo no; fi; }
own=$(node --version 2>/dev/null)
echo "$id $(uname -s) $(uname -m) \${own:-none} $(has node/${node.hash}) $(has code/${withOwn}) $(has code/${withSent})"`,
    '',
  );
  const [storeId = '', system = '', architecture = '', own = '', hasNode, hasOwn, hasSent] =
    looked.split(' ');
  const fits =
    system === 'Linux' && process.platform === 'linux' && architecture === ARCHITECTURES[process.arch];
  if (own !== version && fits) {
    if (hasNode !== 'yes') await send(place, storeId, 'node', node, node.hash);
    if (hasSent !== 'yes')
      await send(place, storeId, 'code', code, withSent, {
        'node_modules/node-linux-sent/bin/node': `node/${node.hash}/node`,
      });
    return startBy(place, `${place.store}/code/${withSent}/harness/lab`, settings);
  }
  if (own !== version && !(Number(/^v(\d+)\./.exec(own)?.[1]) >= NODE_MAJOR_MIN))
    throw new Error(
      `machine ${place.name}: it is ${system} on ${architecture}, where our Node does not run: install Node ${NODE_MAJOR_MIN} or later there`,
    );
  if (hasOwn !== 'yes') await send(place, storeId, 'code', code, withOwn);
  return startBy(place, `${place.store}/code/${withOwn}/harness/lab`, settings);
}

/** The name of a code in the store, which has a link to its Node. */
function codeName(hash: string, node: NodeChoice): string {
  return node.is === 'own' ? hash : `${hash.slice(0, 32)}-${node.hash.slice(0, 31)}`;
}

async function startBy(
  place: Place,
  lab: string,
  settings: Omit<DaemonSettings, 'lab'>,
): Promise<DaemonRecord> {
  const { name, folder } = place;
  // The daemon gives its standard output back when it is ready: the shell waits for that, not for its end.
  const line = await tell(
    place,
    `umask 077
mkdir -p ${quoted(folder)} && cd ${quoted(folder)} && : >>${OURS} || exit 5
exec 3<&0
record=$(${quoted(lab)} node <&3 3<&- 2>>daemon.log &)
[ -n "$record" ] || { tail -n 1 daemon.log | sed 's/^lab: //' >&2; exit 5; }
echo "$record"`,
    JSON.stringify({ ...settings, lab } satisfies DaemonSettings),
  );
  try {
    return decode(recordSchema, Buffer.from(line));
  } catch (error) {
    throw new Error(`machine ${name}: its daemon does not start: ${line || 'it said nothing'}`, {
      cause: error,
    });
  }
}
