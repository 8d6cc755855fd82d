/** `lab submit`: runs a job on a cluster, by a scheduler of its own, until it has ended. */
import { Command } from 'commander';
import { dryadCommand } from './submit/dryad.ts';
import { hadoopCommand } from './submit/hadoop.ts';
import { mpiCommand } from './submit/mpi.ts';
import { serviceCommand } from './submit/service.ts';
import { sparkCommand } from './submit/spark.ts';

/** The command. */
export const submitCommand = new Command('submit')
  .description('run a job on a cluster, until it has ended')
  .addCommand(hadoopCommand)
  .addCommand(mpiCommand)
  .addCommand(sparkCommand)
  .addCommand(dryadCommand)
  .addCommand(serviceCommand);
