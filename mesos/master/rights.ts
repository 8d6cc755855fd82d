/** Who may do what, by the principal that a peer has proved to be. */
import * as v from 'valibot';
import { IdSchema, TextSchema } from '../protocol/entities.ts';

const PrincipalsSchema = v.union([v.literal('anyone'), v.array(TextSchema)]);

/** Rights as they stand in a file. */
export const RightsSchema = v.strictObject({
  /** The roles that there are, each with the principals that may use it; default: all roles, for anyone. */
  roles: v.exactOptional(v.record(IdSchema, PrincipalsSchema)),
  /** The principals that may register slaves; default: anyone. */
  slaves: v.exactOptional(PrincipalsSchema),
});

type Principals = 'anyone' | readonly string[];

/** Who may do what; what is absent is open to everybody. */
export interface Rights {
  readonly roles?: Readonly<Record<string, Principals>>;
  readonly slaves?: Principals;
}

/** Why a principal may not use a role; undefined if it may. */
export function roleObjection(
  { roles }: Rights,
  role: string,
  principal: string | undefined,
): string | undefined {
  if (roles === undefined) return undefined;
  if (!Object.hasOwn(roles, role)) return `There is no role '${role}'`;
  return includes(roles[role], principal) ? undefined : `${shown(principal)} may not use the role '${role}'`;
}

/** Why a principal may not register slaves; undefined if it may. */
export function slaveObjection({ slaves }: Rights, principal: string | undefined): string | undefined {
  return includes(slaves, principal) ? undefined : `${shown(principal)} may not register slaves`;
}

function includes(principals: Principals = 'anyone', principal: string | undefined): boolean {
  return principals === 'anyone' || (principal !== undefined && principals.includes(principal));
}

const shown = (principal: string | undefined): string =>
  principal === undefined ? 'Who has not authenticated' : `Principal '${principal}'`;
