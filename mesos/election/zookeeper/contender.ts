/** Stands for leadership in ZooKeeper: a numbered node for each candidate, and the lowest leads. */
import { lookup } from 'node:dns/promises';
import type { MasterInfo } from '../../protocol/entities.ts';
import type { Candidacy, CandidateEvents } from '../election.ts';
import { encodeMasterInfo, inOrder, isFirstName, NODE_PREFIX, splitAddress } from './masterInfo.ts';
import { ZookeeperError } from './protocol.ts';
import { serial } from './serial.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/** Where to stand. */
export interface ContenderOptions extends SessionOptions {
  readonly path: string;
}

/** A candidacy that tells when nothing of it is left. */
export interface Contender extends Candidacy {
  /** Resolves when it is over, and the servers know or cannot be told. */
  readonly closed: Promise<void>;
}

type Outcome = 'leads' | 'waits';

/**
 * Stands for leadership. While it does not lead, a session that is lost is replaced by another, and the candidate goes to the
 * end of the queue. A leader whose session is lost is deposed.
 */
export function contend(
  options: ContenderOptions,
  candidate: MasterInfo,
  events: CandidateEvents,
): Contender {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let state: 'standing' | 'leading' | 'over' = 'standing';
  let session: Session | undefined;
  let data: Buffer | undefined;

  function stand(): void {
    let node: string | undefined;
    const opened: Session = openSession(options, {
      connected: () => advance(),
      ended: (reason) => {
        if (session !== opened) return;
        if (state === 'leading') depose(reason);
        else if (state === 'standing') stand();
      },
    });
    session = opened;

    /** Looks where the candidate's node stands. Called when connected, and when what it waits for has changed. */
    const advance = serial(async () => {
      try {
        data ??= encodeMasterInfo(candidate, await ipOf(candidate.address));
        while (state !== 'over' && session === opened) {
          node ??= (await findOwn(opened, options.path)) ?? (await createOwn(opened, options, data));
          const outcome = await look(opened, node);
          if (outcome === undefined) continue;
          if (outcome === 'leads' && state === 'standing' && session === opened && opened.lives()) {
            state = 'leading';
            events.elected(isFirstName(node));
          }
          return;
        }
      } catch (error) {
        // Without a connection there is nothing to do: the session connects anew, or ends.
        const { code, message } = error as ZookeeperError;
        if (code !== 'CONNECTION_LOSS' && code !== 'SESSION_EXPIRED') depose(message);
      }
    });

    /** Who is before the own node? Undefined if that has changed meanwhile. Afterwards watches what matters. */
    async function look(opened: Session, own: string): Promise<Outcome | undefined> {
      // Together: all others have but one question to ask before they turn to the one that leads.
      const [children, owner] = await Promise.all([
        opened.children(options.path),
        opened.owner(`${options.path}/${own}`, advance),
      ]);
      const names = inOrder(children);
      const rank = names.indexOf(own);
      if (rank < 0 || !opened.owns(owner))
        throw new Error(`somebody removed ${own}, which is this master's, from ${options.path} in ZooKeeper`);
      if (rank === 0) return 'leads';
      const before = await opened.owner(`${options.path}/${names[rank - 1]}`, advance);
      return before === undefined ? undefined : 'waits';
    }
  }

  function depose(reason: string): void {
    if (state === 'over') return;
    state = 'over';
    events.deposed(reason);
    close(session?.close());
  }

  stand();
  return {
    closed,
    leads: () => state === 'leading' && session?.lives() === true,
    withdraw() {
      state = 'over';
      close(session?.close());
    },
  };
}

/**
 * The session's node, if it has made one. It may not know: when a connection breaks while a node is being created, nobody can
 * tell whether it was.
 */
async function findOwn(session: Session, path: string): Promise<string | undefined> {
  // What was under way on a former connection to another server must be visible here.
  await session.sync();
  for (const name of inOrder(await childrenOf(session, path)).toReversed())
    if (session.owns(await session.owner(`${path}/${name}`))) return name;
  return undefined;
}

async function childrenOf(session: Session, path: string): Promise<readonly string[]> {
  try {
    return await session.children(path);
  } catch (error) {
    if (error instanceof ZookeeperError && error.code === 'NO_NODE') return [];
    throw error;
  }
}

/** Makes the node of this candidate, and the path to it. Returns its name. */
async function createOwn(session: Session, options: ContenderOptions, data: Buffer): Promise<string> {
  const writers = options.credentials === undefined ? 'everybody' : 'creator';
  const parts = options.path.split('/').slice(1);
  for (const index of parts.keys()) {
    const path = `/${parts.slice(0, index + 1).join('/')}`;
    try {
      if ((await session.owner(path)) === undefined)
        await session.create({ path, data: Buffer.alloc(0), kind: 'persistent', writers });
    } catch (error) {
      if (!(error instanceof ZookeeperError && error.code === 'NODE_EXISTS')) throw error;
    }
  }
  const path = `${options.path}/${NODE_PREFIX}`;
  const made = await session.create({ path, data, kind: 'ephemeral-sequential', writers });
  return made.slice(options.path.length + 1);
}

async function ipOf(address: string): Promise<string> {
  const { host } = splitAddress(address);
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    throw new Error(`the master's host ${host} has no IPv4 address, by which ZooKeeper's readers find it`);
  }
}
