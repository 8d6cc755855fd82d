/** Blocks on disk, each as soon as it is measured, so that a comparison that was interrupted goes on where it was. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256 } from '../run/provenance.ts';
import { writeWhole } from '../run/wholeFile.ts';
import { ColumnSchema } from '../storedSchema.ts';
import type { MeasuredBlock, Sides, Target } from './block.ts';

/** The blocks of one target. */
export interface BlockStore {
  /** The block of this seed that was measured before, if there is one that can be read. */
  read(seed: number): MeasuredBlock | undefined;
  write(block: MeasuredBlock): Promise<void>;
}

/** Of what a block holds, and of how its versions take turns: those of other forms are measured again. */
const FORM = 5;

/** Digits of a store's name, in hexadecimal. */
const NAME_DIGITS = 16;

const ParametersSchema = v.record(v.string(), v.union([v.string(), v.number()]));
const BlockSchema = v.object({
  seed: v.number(),
  wallSeconds: v.number(),
  taken: v.nullable(v.number()),
  figures: v.array(
    v.object({
      id: v.string(),
      unit: v.string(),
      better: v.nullable(v.picklist(['lower', 'higher'])),
      parameters: v.exactOptional(v.object({ base: ParametersSchema, head: ParametersSchema })),
      base: ColumnSchema,
      head: ColumnSchema,
      control: ColumnSchema,
    }),
  ),
}) satisfies v.GenericSchema<unknown, MeasuredBlock>;

/**
 * The store in the folder for results. Its name is a hash of what is measured, of which code, where, and with which budget: how much
 * evidence a look needs depends on that.
 */
export function blockStore(out: string, target: Target, sides: Sides, budgetSeconds: number): BlockStore {
  const of = ({ setting, folder }: Sides['base']) => [setting.code, setting.nodeVersion, folder];
  const { cpuModel, cores, memoryBytes, kernel } = sides.head.setting;
  const where = { cpuModel, cores, memoryBytes, kernel };
  const key = {
    form: FORM,
    target: target.id,
    base: of(sides.base),
    head: of(sides.head),
    where,
    budgetSeconds,
  };
  const folder = join(out, 'blocks', sha256(JSON.stringify(key)).slice(0, NAME_DIGITS));
  const pathOf = (seed: number): string => join(folder, `${seed}.json`);
  return {
    read(seed) {
      try {
        const block: unknown = JSON.parse(readFileSync(pathOf(seed), 'utf8'));
        return v.is(BlockSchema, block) && block.seed === seed ? block : undefined;
      } catch {
        return undefined;
      }
    },
    write: (block) => writeWhole(pathOf(block.seed), `${JSON.stringify(block)}\n`),
  };
}
