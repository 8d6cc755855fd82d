/** `lab report`: draws the report of stored results again, years later if need be. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { ReportData } from '../result.ts';
import { writeReport } from '../run/campaign.ts';
import { cellsFolder } from '../run/store.ts';
import { infrastructureError, usageError } from './exit.ts';
import { asJson } from './results.ts';
import { readReport } from './storedReport.ts';

/** The command. */
export const reportCommand = new Command('report')
  .description('draw the report of stored results again')
  .argument('<folder>', "folder that 'lab run' wrote")
  .option('--json', 'print the results as JSON instead')
  .action(async (folder: string, flags) => {
    const data = read(resolve(folder));
    if (flags.json) {
      console.log(asJson(data));
      return;
    }
    await draw(resolve(folder), data);
    console.log(`Report: ${resolve(folder)}/report.html`);
  });

async function draw(folder: string, data: ReportData): Promise<void> {
  try {
    await writeReport(folder, data);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw infrastructureError(`the report cannot be written: ${message}`, error);
    throw usageError(`the results in ${folder} are damaged: ${message}`);
  }
}

function read(folder: string): ReportData {
  const file = join(folder, 'report.json');
  if (!existsSync(file))
    throw usageError(
      existsSync(cellsFolder(folder))
        ? `there is no report.json in ${folder}, since the run has not ended: the same 'lab run' goes on from where it was`
        : `there are no results in ${folder}: name a folder in which 'lab run' has put a report.json`,
    );
  return readReport(file);
}
