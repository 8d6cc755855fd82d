/** The report of a run as it lies on disk, which may be of another version of `lab`, or damaged. */
import type { ReportData } from '../result.ts';
import { reportDamage } from '../storedSchema.ts';
import { usageError } from './exit.ts';
import { readJson } from './jsonFile.ts';

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
  const damage = reportDamage(data);
  if (damage === undefined) return data as ReportData;
  throw usageError(`${file} is damaged (${damage}): run it again`);
}
