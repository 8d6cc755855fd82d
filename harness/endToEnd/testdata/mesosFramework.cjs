/**
 * A scheduler on npm's `mesos-framework`, as its documentation has it. Its options come as JSON in the first argument; what it
 * hears goes to standard output, a line of JSON each; lines on standard input are methods to call, `["kill", "task", "agent"]`.
 */
const { createInterface } = require('node:readline');
const { Scheduler, Mesos } = require('mesos-framework');

const mesos = Mesos.getMesos();
const { command, frameworkId, instances = 1, ports = 0, ...options } = JSON.parse(process.argv[2]);
const portsOf = ({ resources }) => resources.find(({ name }) => name === 'ports')?.ranges.range ?? [];
const tell = (event, more) => console.log(`@@${JSON.stringify({ event, ...more })}`);

const scheduler = new Scheduler({
  // Heartbeats come every 15 s; by default it gives a master up after 10 s of silence.
  masterConnectionTimeout: 60,
  frameworkName: 'third-party',
  restartStates: [],
  ...options,
  tasks:
    command === undefined
      ? {}
      : {
          work: {
            instances,
            commandInfo: new mesos.CommandInfo(null, null, true, command, null, null),
            resources: { cpus: 0.5, mem: 64, ports, disk: 0 },
          },
        },
});
if (frameworkId !== undefined) scheduler.frameworkId = frameworkId;

scheduler.on('ready', () => scheduler.subscribe());
scheduler.on('subscribed', ({ frameworkId: id }) =>
  tell('subscribed', { id, port: Number(scheduler.options.port) }),
);
scheduler.on('offers', ({ offers }) => tell('offers', { ports: offers.map(portsOf) }));
scheduler.on('update', ({ status }) =>
  tell('update', {
    task: status.task_id.value,
    agent: status.agent_id?.value,
    state: status.state,
    reason: status.reason,
    message: status.message,
  }),
);
scheduler.on('rescind', ({ offer_id }) => tell('rescind', { offer: offer_id.value }));
scheduler.on('failure', (failure) => tell('failure', { executor: failure.executor_id?.value }));
scheduler.on('error', (error) => {
  const message = error.message ?? String(error);
  tell('error', { message });
  // While no master leads it is told to come again (503), which it leaves to its user.
  if (message.endsWith('code: 503')) {
    scheduler.backOff();
    scheduler.subscribe();
  }
});
for (const call of ['accept', 'decline', 'acknowledge', 'reconcile', 'kill', 'revive', 'teardown', 'message'])
  scheduler.on(`sent_${call}`, () => tell(`sent_${call}`));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [method, ...args] = JSON.parse(line);
  scheduler[method](...args);
});
process.stdin.on('end', () => process.exit(0));
