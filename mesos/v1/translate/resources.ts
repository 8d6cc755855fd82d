/** Resources and attributes between the house and the v1 API. A reservation is part of a resource's name: `cpus(gold)`. */
import type { Attributes } from '../../protocol/entities.ts';
import { countPorts, joinPorts, PORTS, type PortRanges } from '../../protocol/ports.ts';
import { add, baseOf, NOTHING, type Resources, roleOf } from '../../protocol/resources.ts';
import type { Attribute, Resource } from '../entities.ts';
import { MalformedError } from '../json.ts';
import { refuseFields, Unsupported } from './refusal.ts';

/** For whom resources are written. */
interface ResourceForm {
  /** The role that they are, or would be, allocated to; absent: it is not said. */
  readonly allocatedTo?: string | undefined;
  /**
   * Reservations as a list (capability RESERVATION_REFINEMENT) instead of in `role`. Each can be undone, and so is dynamic: who has
   * made it is not known.
   */
  readonly isRefined?: boolean;
  /** Those that the resource `ports` counts. */
  readonly ports?: PortRanges | undefined;
}

/** Resources as v1 has them: one entry for each name. */
export function resourcesToV1(resources: Resources, form: ResourceForm = {}): readonly Resource[] {
  const { allocatedTo, isRefined = false, ports } = form;
  const allocation = allocatedTo === undefined ? {} : { allocation_info: { role: allocatedTo } };
  return Object.entries(resources).map(([key, value]) => {
    const [name, role] = [baseOf(key), roleOf(key)];
    const whose =
      role === undefined
        ? { role: '*' }
        : isRefined
          ? { reservations: [{ type: 'DYNAMIC' as const, role }] }
          : { role };
    const quantity: Quantity =
      key === PORTS && ports !== undefined
        ? { type: 'RANGES', ranges: rangesToV1(ports) }
        : { type: 'SCALAR', scalar: { value } };
    return { name, ...quantity, ...whose, ...allocation };
  });
}

type Quantity = Pick<Resource, 'type' | 'scalar' | 'ranges'>;

function rangesToV1(ports: PortRanges): NonNullable<Resource['ranges']> {
  return { range: ports.map(([begin, end]) => ({ begin, end })) };
}

/** The ports in a list of resources. Throws a {@link MalformedError}. */
export function portsFromV1(list: readonly Resource[] = []): PortRanges {
  const ports = list.filter(({ name }) => name === PORTS).flatMap(rangesFromV1);
  return joinPorts(ports);
}

function rangesFromV1({ ranges }: Resource): PortRanges {
  return (ranges?.range ?? []).map(({ begin, end }) => {
    if (begin > end || end > 65_535) throw new MalformedError(`There are no ports from ${begin} to ${end}`);
    return [begin, end] as const;
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
  if (name === PORTS && type === 'RANGES') return countPorts(joinPorts(rangesFromV1(resource)));
  if (type !== 'SCALAR')
    throw new Unsupported(
      `Resource '${name}' is of type ${type}; this system has ranges of ports, and scalars`,
    );
  const quantity = scalar?.value;
  if (quantity === undefined || !Number.isFinite(quantity) || quantity < 0)
    throw new MalformedError(`Resource '${name}' must have a scalar value that is a number, not below 0`);
  return quantity;
}

function nameOf(resource: Resource): string {
  refuseFields('Resource', resource, ['provider_id', 'disk', 'revocable', 'shared']);
  const { name, role = '*', reservation, reservations = [] } = resource;
  if (!isPlain(resource))
    throw new Unsupported(
      `Resource '${name}' has a reservation that is refined, or has a principal or labels; this system keeps only for which role it is`,
    );
  const reserved = reservations[0]?.role ?? reservation?.role ?? role;
  if (reserved === '*') return name;
  if (name === PORTS) throw new Unsupported('Ports cannot be reserved in this system; leave them out');
  return `${name}(${reserved})`;
}

/** Says its reservation, if it has one, no more than for which role it is? */
function isPlain({ reservation, reservations = [] }: Resource): boolean {
  const all = reservation === undefined ? reservations : [...reservations, reservation];
  return (
    reservations.length <= 1 &&
    all.every(({ principal, labels }) => principal === undefined && (labels?.labels ?? []).length === 0)
  );
}

/**
 * Can it be used here? Sets and the like cannot, nor what is reserved in ways that this system does not have. Nobody else can have
 * them while they are offered.
 */
export function isUsable(resource: Resource): boolean {
  const { name, type, role = '*', reservation, reservations = [] } = resource;
  if (!isPlain(resource)) return false;
  if (name !== PORTS) return type === 'SCALAR';
  return (
    type === 'RANGES' && [role, ...reservations, reservation].every((one) => one === '*' || one === undefined)
  );
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
