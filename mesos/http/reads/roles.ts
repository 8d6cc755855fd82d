/** The roles that there are: those of frameworks, and what each of them has. */
import type { FrameworkId } from '../../protocol/entities.ts';
import { add, NOTHING, type Resources } from '../../protocol/resources.ts';
import type { Chronicle } from './chronicle.ts';
import { usedBy } from './classicFrameworks.ts';
import { offeredOf } from './classicSlaves.ts';
import { quoted, resourcesJson, written } from './jsonText.ts';
import { type Production, writeList } from './sheet.ts';

/** A role. */
export interface Role {
  readonly name: string;
  readonly weight: number;
  readonly frameworks: readonly FrameworkId[];
  readonly used: Resources;
  readonly offered: Resources;
}

/** The weight of a role. */
export type WeightOf = (role: string) => number;

/** All roles that frameworks have. */
export function rolesOf({ books }: Chronicle, weightOf: WeightOf): readonly Role[] {
  const roles = new Map<string, { frameworks: FrameworkId[]; used: Resources; offered: Resources }>();
  for (const framework of books.frameworks.values()) {
    const { role: name = '*' } = framework.info;
    const role = roles.get(name) ?? { frameworks: [], used: NOTHING, offered: NOTHING };
    role.frameworks.push(framework.id);
    role.used = add(role.used, usedBy(books, framework));
    role.offered = add(role.offered, offeredOf(framework.offers));
    roles.set(name, role);
  }
  return Array.from(roles, ([name, role]) => ({ name, weight: weightOf(name), ...role }));
}

/** `/roles`. */
export function rolesProduction(chronicle: Chronicle, weightOf: WeightOf): Production {
  return function* (sheet) {
    sheet.write('{"roles":');
    yield* writeList(sheet, rolesOf(chronicle, weightOf), roleJson);
    sheet.write('}');
  };
}

function roleJson({ name, weight, frameworks, used, offered }: Role): string {
  return `{"name":${quoted(name)},"weight":${weight},"frameworks":${written(frameworks)},"resources":${resourcesJson(add(used, offered))},"allocated":${resourcesJson(used)},"offered":${resourcesJson(offered)}}`;
}
