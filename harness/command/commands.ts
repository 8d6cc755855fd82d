/** The subcommands of `lab`, each of which is loaded only when it is wanted. */
import type { Command } from 'commander';

/** By name. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand,
  bisect: async () => (await import('./bisect.ts')).bisectCommand,
  gate: async () => (await import('./gate.ts')).gateCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  list: async () => (await import('./list.ts')).listCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  record: async () => (await import('./record.ts')).recordCommand,
  trend: async () => (await import('./trend.ts')).trendCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  master: async () => (await import('./daemons/master.ts')).masterCommand,
  slave: async () => (await import('./daemons/slave.ts')).slaveCommand,
  framework: async () => (await import('./daemons/framework.ts')).frameworkCommand,
  executor: async () => (await import('./daemons/executor.ts')).executorCommand,
  cluster: async () => (await import('./cluster.ts')).clusterCommand,
  up: async () => (await import('./up.ts')).upCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  down: async () => (await import('./down.ts')).downCommand,
  jobs: async () => (await import('./jobs.ts')).jobsCommand,
  submit: async () => (await import('./submit.ts')).submitCommand,
  table: async () => (await import('./table.ts')).tableCommand,
  node: async () => (await import('./daemons/node.ts')).nodeCommand,
  zookeeper: async () => (await import('./daemons/zookeeper.ts')).zookeeperCommand,
  namenode: async () => (await import('./daemons/nameNode.ts')).nameNodeCommand,
  dfs: async () => (await import('./dfs.ts')).dfsCommand,
  fileserver: async () => (await import('./daemons/fileServer.ts')).fileServerCommand,
};
