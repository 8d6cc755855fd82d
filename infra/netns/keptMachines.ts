/** Machines of kind `netns` that outlive the process that makes them, until they are removed. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Place, Power } from '../place.ts';
import { inSwitch, switchCommand, userNamespace } from './holder.ts';
import { endHolders, holdersFor, holdsFor, MARK_VARIABLE, startKeptHolder } from './keptHolder.ts';
import { hostAddress, hostsFile, ISOLATED_SUBNET } from './subnet.ts';
import { connectUplink, disconnectUplink } from './uplink.ts';
import { connect, disconnect, machineCommand, missingForNetns, type Wiring } from './wiring.ts';

/** A machine that is kept. It has our files and our clock. */
export interface KeptMachine extends Pick<Place, 'name' | 'ip' | 'shell' | 'network'> {
  readonly power: Power;
}

/** What is to be made. */
export interface KeptSpec {
  /** Hostnames. */
  readonly names: readonly string[];
  /** Script that starts what the machine with an address runs by itself, each time that it is switched on. */
  readonly services?: (ip: string) => string;
}

const NOT_ROOT =
  'without root, machines of kind netns take a kernel that gives namespaces to all users: become root, or take --local N';

const JournalSchema = v.object({
  inside: v.picklist(['none', 'own']),
  switchPid: v.number(),
  subnet: v.number(),
});
type Journal = v.InferOutput<typeof JournalSchema>;

/**
 * Makes those machines that are not there yet, or are off; `folder` is the deployment's. Root reaches them from this machine's network;
 * others have them in a user namespace, and reach them by their shells, or from `networkOf`. Rejects with one sentence if this machine cannot have them.
 */
export async function keepMachines(spec: KeptSpec, folder: string): Promise<readonly KeptMachine[]> {
  const missing = missingForNetns();
  if (missing !== undefined) throw new Error(missing);
  await mkdir(netnsFolder(folder), { recursive: true, mode: 0o700 });
  const wiring = wiringOf(spec, folder, (await readJournal(folder)) ?? (await makeSwitch(folder)));
  await writeFile(
    wiring.hostsFile,
    hostsFile(spec.names.map((name, index) => ({ name, ip: hostAddress(wiring.subnet, index) }))),
  );
  await Promise.all(spec.names.map((_, index) => switchOn(wiring, folder, index)));
  // All of them: whoever made those that were there may have been killed before they were plugged in.
  await connect(wiring, [...spec.names.keys()]);
  return spec.names.map((_, index) => keptMachine(wiring, folder, index));
}

/** The machines that were made and are on. */
export async function keptMachines(spec: KeptSpec, folder: string): Promise<readonly KeptMachine[]> {
  const journal = await readJournal(folder);
  if (journal === undefined) return [];
  const holders = await Promise.all(spec.names.map((name) => holderOf(folder, name)));
  const wiring = wiringOf(spec, folder, journal);
  return [...holders.entries()].flatMap(([index, pid]) =>
    pid === undefined ? [] : [keptMachine(wiring, folder, index)],
  );
}

/** Ends all machines of a deployment, and all that runs on them, also if whoever made them was killed half-way. */
export async function endKeptMachines(folder: string): Promise<void> {
  const journal = await readJournal(folder);
  if (journal?.inside === 'none') await disconnectUplink(journal.subnet);
  await endHolders(holdersFor(folder), folder);
  await rm(netnsFolder(folder), { recursive: true, force: true });
}

/** The beginning of a command line that runs a program where it reaches the machines: empty for root, who reaches them anyway. */
export async function networkOf(folder: string): Promise<readonly string[]> {
  const journal = await readJournal(folder);
  if (journal === undefined || journal.inside === 'none') return [];
  const [program, args] = inSwitch(journal.switchPid, journal.inside);
  return [program, ...args];
}

const netnsFolder = (folder: string): string => join(folder, 'netns');
const pidFile = (folder: string, name: string): string => join(netnsFolder(folder), `${name}.pid`);
const journalFile = (folder: string): string => join(netnsFolder(folder), 'switch.json');

/** What holds the switch; undefined if nothing does. */
async function readJournal(folder: string): Promise<Journal | undefined> {
  const text = await readFile(journalFile(folder), 'utf8').catch(() => '{}');
  const journal = v.safeParse(JournalSchema, JSON.parse(text));
  return journal.success && holdsFor(journal.output.switchPid, folder) ? journal.output : undefined;
}

async function makeSwitch(folder: string): Promise<Journal> {
  // Machines of a switch that has gone cannot be plugged in again.
  await endHolders(holdersFor(folder), folder);
  const inside = userNamespace();
  const switchPid = await startKeptHolder('switch', switchCommand(inside, 'kept'), folder).catch(
    (error: Error) => {
      throw inside === 'none' ? error : new Error(`${error.message}; ${NOT_ROOT}`, { cause: error });
    },
  );
  const subnet = inside === 'none' ? await connectUplink(switchPid, inside) : ISOLATED_SUBNET;
  const journal: Journal = { inside, switchPid, subnet };
  await writeWhole(journalFile(folder), JSON.stringify(journal));
  return journal;
}

function wiringOf({ names, services }: KeptSpec, folder: string, journal: Journal): Wiring {
  const file = join(netnsFolder(folder), 'hosts');
  return { ...journal, lifetime: 'kept', names, hostsFile: file, ...(services && { services }) };
}

/** Makes a machine, unless it is there. */
async function switchOn(wiring: Wiring, folder: string, index: number): Promise<void> {
  const name = wiring.names[index] ?? '';
  if ((await holderOf(folder, name)) !== undefined) return;
  // One that was switched off, or not noted before its maker was killed, may have the port.
  await disconnect(wiring, index);
  const pid = await startKeptHolder(name, machineCommand(wiring, index), folder);
  await writeWhole(pidFile(folder, name), String(pid));
}

async function holderOf(folder: string, name: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile(folder, name), 'utf8').catch(() => Number.NaN));
  return pid > 0 && holdsFor(pid, folder) ? pid : undefined;
}

function keptMachine(wiring: Wiring, folder: string, index: number): KeptMachine {
  const name = wiring.names[index] ?? '';
  return {
    name,
    ip: hostAddress(wiring.subnet, index),
    ...(wiring.inside === 'own' && { network: 'apart' }),
    shell: ['sh', '-c', enterScript(wiring), folder, pidFile(folder, name)],
    power: {
      async off() {
        const pid = await holderOf(folder, name);
        if (pid !== undefined) await endHolders([pid], folder);
        await disconnect(wiring, index);
        await rm(pidFile(folder, name), { force: true });
      },
      async on() {
        await switchOn(wiring, folder, index);
        await connect(wiring, [index]);
      },
    },
  };
}

/** Runs a script on the machine that is held by the process in a file, whichever that is by now. */
function enterScript({ inside }: Wiring): string {
  const user = inside === 'own' ? '--user="/proc/$pid/ns/user" --preserve-credentials' : '';
  const kinds = ['net', 'uts', 'ipc', 'pid'].map((kind) => `--${kind}="/proc/$pid/ns/${kind}"`);
  return `pid=$(cat "$1" 2>/dev/null) && grep -qszxF -e "${MARK_VARIABLE}=$0" "/proc/$pid/environ" || {
  echo "it is off" >&2
  exit 255
}
exec nsenter ${user} ${kinds.join(' ')} --mount="/proc/$pid/ns/mnt" -- sh -c "$2"`;
}

async function writeWhole(path: string, content: string): Promise<void> {
  await writeFile(`${path}.part`, content, { mode: 0o600 });
  await rename(`${path}.part`, path);
}
