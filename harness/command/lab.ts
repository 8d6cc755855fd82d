/** The `lab` command: finds the subcommand and loads only what that needs. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../mesos/version.ts';
import { CommandError, EXIT } from './exit.ts';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand,
  list: async () => (await import('./list.ts')).listCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  record: async () => (await import('./record.ts')).recordCommand,
  trend: async () => (await import('./trend.ts')).trendCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  master: async () => (await import('./master.ts')).masterCommand,
  slave: async () => (await import('./slave.ts')).slaveCommand,
  framework: async () => (await import('./framework.ts')).frameworkCommand,
  executor: async () => (await import('./executor.ts')).executorCommand,
  cluster: async () => (await import('./cluster.ts')).clusterCommand,
  up: async () => (await import('./up.ts')).upCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  down: async () => (await import('./down.ts')).downCommand,
  jobs: async () => (await import('./jobs.ts')).jobsCommand,
  submit: async () => (await import('./submit.ts')).submitCommand,
  table: async () => (await import('./table.ts')).tableCommand,
  node: async () => (await import('./node.ts')).nodeCommand,
  zookeeper: async () => (await import('./zookeeper.ts')).zookeeperCommand,
  namenode: async () => (await import('./nameNode.ts')).nameNodeCommand,
  dfs: async () => (await import('./dfs.ts')).dfsCommand,
  fileserver: async () => (await import('./fileServer.ts')).fileServerCommand,
};

async function main(): Promise<void> {
  const load = COMMANDS[process.argv[2] ?? ''];
  const program = new Command('lab')
    .version(VERSION)
    .description('Runs the system of the Mesos paper, and the experiments of the paper on it.');
  // Starting a slave must not cost the loading of the experiments; the list of all commands may.
  const commands =
    load === undefined ? await Promise.all(Object.values(COMMANDS).map((c) => c())) : [await load()];
  for (const command of commands) program.addCommand(command);
  throwInsteadOfExiting(program);
  await program.parseAsync();
}

/** Also what has commands of its own. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExiting(sub as Command);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof CommandError) {
    console.error(`lab: ${error.message}`);
    process.exitCode = error.exitCode;
  } else throw error;
}
