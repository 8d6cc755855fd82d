/** The report of a run as it lies on disk, which may be of another version of `lab`, or damaged. */
import * as v from 'valibot';
import type { ReportData } from '../result.ts';
import { usageError } from './exit.ts';
import { readJson } from './jsonFile.ts';

/** What all who read a report need of it; the rest is as it is. */
const ReportSchema = v.looseObject({
  experiments: v.array(
    v.looseObject({
      experiment: v.looseObject({ id: v.string() }),
      claims: v.array(v.looseObject({ id: v.string(), verdict: v.string() })),
      cells: v.array(
        v.looseObject({
          state: v.picklist(['completed', 'failed']),
          provenance: v.looseObject({
            commit: v.string(),
            experiment: v.string(),
            scenario: v.string(),
            clock: v.string(),
            seed: v.number(),
            parameters: v.record(v.string(), v.union([v.string(), v.number()])),
          }),
        }),
      ),
    }),
  ),
});

/** Reads it. Throws a usage error that says what is wrong with the file. */
export function readReport(file: string): ReportData {
  return checkedReport(file, readJson(file));
}

/** What was read from a file as a report. Throws a usage error if it is none, or not of this version. */
export function checkedReport(file: string, data: unknown): ReportData {
  if ((data as Partial<ReportData> | null)?.schemaVersion !== 2)
    throw usageError(
      `${file} is no result of this version of lab (schema version 2): use the version that wrote it, or run it again`,
    );
  const { success, issues } = v.safeParse(ReportSchema, data);
  if (success) return data as ReportData;
  const [issue] = issues;
  throw usageError(`${file} is damaged (${v.getDotPath(issue)}: ${issue.message}): run it again`);
}
