/** What the master of a deployment says of its cluster. */
import * as v from 'valibot';
import { routeToProcess } from '../up/look.ts';
import { systemSecrets } from '../up/secrets.ts';
import { systemIn } from '../up/system.ts';
import type { Deployed } from './deployed.ts';
import { masterReader } from './masterReads.ts';

/** Who looks wants to know how it is now; but to find who leads takes a while. */
const PATIENCE_MS = 5_000;

/** What the master that leads says of its cluster. */
export type MasterLook =
  | {
      readonly is: 'leading';
      readonly address: string;
      readonly slaves: number;
      readonly inactive: number;
      readonly frameworks: number;
    }
  /** In one sentence. */
  | { readonly is: 'silent'; readonly why: string };

const SummarySchema = v.object({
  leader: v.string(),
  activated_slaves: v.number(),
  deactivated_slaves: v.number(),
  frameworks: v.array(v.unknown()),
});

/** Asks the master that leads, wherever it is; null if there is none to ask. */
export async function lookAtMaster({ folder, record }: Deployed): Promise<MasterLook | null> {
  const system = systemIn(record.processes);
  if (system === undefined) return null;
  const masters = record.processes.filter(({ part }) => part === 'master');
  let look: MasterLook | null = null;
  for (const master of masters) {
    const route = await routeToProcess(folder, record, master);
    const where = route.is === 'direct' ? system.master : `${route.ip}:${route.port}`;
    look = await askMaster(where, folder).finally(() => route.close());
    // A master that does not lead names the one that does by an address that may not be reached from here.
    if (route.is === 'direct' || look.is === 'leading') return look;
  }
  return look;
}

async function askMaster(where: string, folder: string): Promise<MasterLook> {
  const secretFile = systemSecrets(folder).clusterFile;
  const reader = masterReader(where, { api: 'v1', secret_file: secretFile, cluster: folder }, PATIENCE_MS);
  try {
    const { leader, frameworks, ...slaves } = await reader.get(SummarySchema, '/state');
    return {
      is: 'leading',
      address: leader.slice(leader.indexOf('@') + 1),
      slaves: slaves.activated_slaves + slaves.deactivated_slaves,
      inactive: slaves.deactivated_slaves,
      frameworks: frameworks.length,
    };
  } catch (error) {
    return { is: 'silent', why: (error as Error).message };
  } finally {
    await reader.close();
  }
}
