/**
 * High-Performance LINPACK as Debian has it: as the last part of the HPC Challenge suite, which runs the other parts too, so
 * that the whole takes longer than what HPL itself tells.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Communicator } from './communicator.ts';
import { type MpiSurroundings, runMpi } from './mpiRun.ts';
import type { MpiProgram } from './program.ts';
import type { RankResult } from './result.ts';

/** What to solve. */
export type HplProgram = Extract<MpiProgram, { type: 'hpl' }>;
/** What came out. */
export type HplResult = Omit<Extract<RankResult, { type: 'hpl' }>, 'seconds'>;

const PACKAGES = 'hpcc openmpi-bin';

/** Solves it. Rejects with a sentence if HPL is not there, or if it says itself that the solution is wrong. */
export async function runHpl(
  communicator: Communicator,
  program: HplProgram,
  surroundings: MpiSurroundings,
): Promise<HplResult | undefined> {
  const { folder } = surroundings;
  const report = join(folder, 'hpccoutf.txt');
  if (communicator.rank === 0) {
    // The suite adds to a report that is there.
    await rm(report, { force: true });
    await writeFile(join(folder, 'hpccinf.txt'), hplInput(program));
  }
  const outcome = await runMpi(
    communicator,
    { flavour: 'openmpi', program: 'hpcc', arguments: [], environment: {}, debianPackages: PACKAGES },
    surroundings,
  );
  if (outcome === undefined) return undefined;
  const { wallSeconds, output } = outcome;
  const text = await readFile(report, 'utf8').catch(() => '');
  const { n, nb, p, q } = program;
  return {
    type: 'hpl',
    ranks: communicator.size,
    wallSeconds,
    output: output.path,
    tail: output.tail,
    n,
    nb,
    p,
    q,
    ...readHplReport(text),
  };
}

/** The parameters in HPL's own words, with those of the other parts of the suite left at their least. */
export function hplInput({ n, nb, p, q }: HplProgram): string {
  return `HPLinpack benchmark input file
mesos-lab
HPL.out output file name (if any)
8 device out (6=stdout,7=stderr,file)
1 # of problems sizes (N)
${n} Ns
1 # of NBs
${nb} NBs
0 PMAP process mapping (0=Row-,1=Column-major)
1 # of process grids (P x Q)
${p} Ps
${q} Qs
16.0 threshold
1 # of panel fact
2 PFACTs (0=left, 1=Crout, 2=Right)
1 # of recursive stopping criterium
4 NBMINs (>= 1)
1 # of panels in recursion
2 NDIVs
1 # of recursive panel fact.
1 RFACTs (0=left, 1=Crout, 2=Right)
1 # of broadcast
1 BCASTs (0=1rg,1=1rM,2=2rg,3=2rM,4=Lng,5=LnM)
1 # of lookahead depth
1 DEPTHs (>=0)
2 SWAP (0=bin-exch,1=long,2=mix)
64 swapping threshold
0 L1 in (0=transposed,1=no-transposed) form
0 U in (0=transposed,1=no-transposed) form
1 Equilibration (0=no,1=yes)
8 memory alignment in double (> 0)
##### The next lines are for another part of the suite. #####
0 Number of additional problem sizes for PTRANS
1200 values of N
0 number of additional blocking sizes for PTRANS
40 values of NB
`;
}

/** What HPL says of itself. Throws a sentence if it says that the solution is wrong, or nothing. */
export function readHplReport(text: string): Pick<HplResult, 'solveSeconds' | 'gflops' | 'residual'> {
  const section = text.slice(text.lastIndexOf('Begin of HPL section.'));
  const [, seconds, gflops] = /^W[RC]\S+(?:\s+\d+){4}\s+(\S+)\s+(\S+)$/m.exec(section) ?? [];
  const [, residual, verdict] = /^\|\|Ax-b\|\|_oo\/\(eps.*=\s*(\S+) \.+ (PASSED|FAILED)/m.exec(section) ?? [];
  if (seconds === undefined || gflops === undefined || residual === undefined)
    throw new Error('HPL has written no result; see mpiexec.out and hpccoutf.txt in the sandbox of rank 0');
  if (verdict !== 'PASSED')
    throw new Error(`HPL's residual is ${residual}, which HPL itself calls ${verdict}`);
  return { solveSeconds: Number(seconds), gflops: Number(gflops), residual: Number(residual) };
}
