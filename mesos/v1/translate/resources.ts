/** Resources and attributes between the house and the v1 API. A reservation is part of a resource's name: `cpus(gold)`. */
import type { Attributes } from '../../protocol/entities.ts';
import type { Resources } from '../../protocol/resources.ts';
import { add, NOTHING } from '../../protocol/resources.ts';
import type { Attribute, Resource } from '../entities.ts';
import { MalformedError } from '../json.ts';
import { refuseFields, Unsupported } from './refusal.ts';

/** For whom resources are written. */
export interface ResourceForm {
  /** The role that they are, or would be, allocated to; absent: it is not said. */
  readonly allocatedTo?: string | undefined;
  /** Reservations as a list (capability RESERVATION_REFINEMENT) instead of in `role`. */
  readonly isRefined?: boolean;
}

const RESERVED = /^([^(]+)\((.+)\)$/;

/** Resources as v1 has them: one entry for each name. */
export function resourcesToV1(resources: Resources, form: ResourceForm = {}): readonly Resource[] {
  const { allocatedTo, isRefined = false } = form;
  const allocation = allocatedTo === undefined ? {} : { allocation_info: { role: allocatedTo } };
  return Object.entries(resources).map(([key, value]) => {
    const [, name = key, role] = RESERVED.exec(key) ?? [];
    const whose =
      role === undefined
        ? { role: '*' }
        : isRefined
          ? { reservations: [{ type: 'STATIC' as const, role }] }
          : { role };
    return { name, type: 'SCALAR', scalar: { value }, ...whose, ...allocation };
  });
}

/** Reads resources. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function resourcesFromV1(list: readonly Resource[] = []): Resources {
  let sum = NOTHING;
  for (const resource of list) sum = add(sum, { [nameOf(resource)]: quantityOf(resource) });
  return sum;
}

function quantityOf(resource: Resource): number {
  const { name, type, scalar } = resource;
  if (type !== 'SCALAR')
    throw new Unsupported(`Resource '${name}' is of type ${type}; this system has scalar resources only`);
  const quantity = scalar?.value;
  if (quantity === undefined || !Number.isFinite(quantity) || quantity < 0)
    throw new MalformedError(`Resource '${name}' must have a scalar value that is a number, not below 0`);
  return quantity;
}

function nameOf(resource: Resource): string {
  refuseFields('Resource', resource, ['provider_id', 'disk', 'revocable', 'shared']);
  const { name, role = '*', reservation, reservations = [] } = resource;
  if (reservations.length > 1)
    throw new Unsupported(`Resource '${name}' has a refined reservation; this system has simple ones only`);
  const reserved = reservations[0]?.role ?? reservation?.role ?? role;
  return reserved === '*' ? name : `${name}(${reserved})`;
}

/** Attributes as v1 has them, all of type TEXT. */
export function attributesToV1(attributes: Attributes): readonly Attribute[] {
  return Object.entries(attributes).map(([name, value]) => ({ name, type: 'TEXT', text: { value } }));
}

/** Reads attributes; those of other types as text. */
export function attributesFromV1(list: readonly Attribute[] = []): Attributes {
  return Object.fromEntries(list.map((attribute) => [attribute.name, textOf(attribute)]));
}

function textOf({ text, scalar, ranges, set }: Attribute): string {
  if (text !== undefined) return text.value;
  if (scalar !== undefined) return `${scalar.value}`;
  if (set !== undefined) return `{${(set.item ?? []).join(', ')}}`;
  return `[${(ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
}
