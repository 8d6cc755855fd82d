/** `lab zookeeper`: real ZooKeeper servers on this machine, for masters that are to be elected. */
import { Command } from 'commander';
import { localMachines } from '../../../infra/local.ts';
import { makeOwnFolder } from '../../../infra/ownFolder.ts';
import { startEnsemble } from '../../../infra/zookeeper.ts';
import { EXIT, infrastructureError, usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';

/** The command. */
export const zookeeperCommand = new Command('zookeeper')
  .description('start ZooKeeper servers on this machine, through which masters elect a leader')
  .option('--servers <n>', 'how many: 1, 3 or 5', servers, 1)
  .option(
    '--port <port>',
    'port of the first server, and those after it for the others (default: any free ones)',
    wholeNumber('--port', 1, 65_531),
  )
  .option('--tick_time <duration>', "ZooKeeper's unit of time", duration('--tick_time'), 2_000)
  .action(async (flags) => {
    const ending = Promise.withResolvers<string | undefined>();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.resolve(undefined));
    if (process.env.MESOS_LAB_PARENT === 'stdin')
      process.stdin.on('close', () => ending.resolve('the parent process is gone')).resume();

    await using machines = await localMachines(await makeOwnFolder('zookeeper'), ['local']);
    const [machine] = machines.machines;
    if (machine === undefined) return;
    const ensemble = await startEnsemble({
      machines: Array.from({ length: flags.servers }, () => machine),
      tickTimeMs: flags.tick_time,
      ...(flags.port !== undefined && { port: flags.port }),
    }).catch((error: Error) => {
      throw infrastructureError(error.message, error);
    });
    for (const server of ensemble.servers)
      void server.exited().then(() => {
        const said = server.lastLines().at(-1) ?? 'it said nothing';
        ending.resolve(`the ZooKeeper server at ${server.address} has ended: ${said}`);
      });
    ensemble.serving().then(
      () => console.log(`serving ${ensemble.url('/mesos')}`),
      (error: Error) => ending.resolve(error.message),
    );
    const trouble = await ending.promise;
    if (trouble !== undefined) throw infrastructureError(trouble);
    process.exitCode = EXIT.ok;
  });

function servers(text: string): number {
  if (!['1', '3', '5'].includes(text)) throw usageError(`--servers must be 1, 3 or 5, not '${text}'`);
  return Number(text);
}
