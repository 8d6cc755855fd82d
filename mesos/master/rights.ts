/** Who may do what, by the principal that a peer has proved to be. */
import * as v from 'valibot';
import { IdSchema, TextSchema } from '../protocol/entities.ts';
import { OPERATOR_ACTIONS, type OperatorAction } from './actions.ts';

const PrincipalsSchema = v.union([v.literal('anyone'), v.array(TextSchema)]);
const ActionsSchema = v.entriesFromList(
  Object.keys(OPERATOR_ACTIONS) as OperatorAction['type'][],
  v.exactOptional(PrincipalsSchema),
);

/** Rights as they stand in a file. */
export const RightsSchema = v.strictObject({
  /** The roles that there are, each with the principals that may use it; default: all roles, for anyone. */
  roles: v.exactOptional(v.record(IdSchema, PrincipalsSchema)),
  /** The principals that may register slaves; default: anyone. */
  slaves: v.exactOptional(PrincipalsSchema),
  /** The principals that may do what operators do; default: anyone. */
  operators: v.exactOptional(PrincipalsSchema),
  /** The same for single actions, in place of `operators`. */
  actions: v.exactOptional(v.strictObject(ActionsSchema)),
});

type Principals = 'anyone' | readonly string[];

/** Who may do what; what is absent is open to everybody. */
export interface Rights {
  readonly roles?: Readonly<Record<string, Principals>>;
  readonly slaves?: Principals;
  readonly operators?: Principals;
  readonly actions?: { readonly [A in OperatorAction['type']]?: Principals };
}

/** Why a principal may not use a role; undefined if it may. */
export function roleObjection(
  rights: Rights,
  role: string,
  principal: string | undefined,
): string | undefined {
  const { roles } = rights;
  const unknown = unknownRole(rights, role);
  if (unknown !== undefined || roles === undefined) return unknown;
  return includes(roles[role], principal) ? undefined : `${shown(principal)} may not use the role '${role}'`;
}

/** Why a principal may not register slaves; undefined if it may. */
export function slaveObjection({ slaves }: Rights, principal: string | undefined): string | undefined {
  return includes(slaves, principal) ? undefined : `${shown(principal)} may not register slaves`;
}

/** Why a principal may not do this; undefined if it may. */
export function actionObjection(
  { operators, actions = {} }: Rights,
  action: OperatorAction['type'],
  principal: string | undefined,
): string | undefined {
  return includes(actions[action] ?? operators, principal)
    ? undefined
    : `${shown(principal)} may not ${action}`;
}

/** Why nothing can be said of this role; undefined if it can. */
export function unknownRole({ roles }: Rights, role: string): string | undefined {
  return roles === undefined || Object.hasOwn(roles, role) ? undefined : `There is no role '${role}'`;
}

function includes(principals: Principals = 'anyone', principal: string | undefined): boolean {
  return principals === 'anyone' || (principal !== undefined && principals.includes(principal));
}

const shown = (principal: string | undefined): string =>
  principal === undefined ? 'Who has not authenticated' : `Principal '${principal}'`;
