/**
 * Processes of the failover benchmark, beside the masters: `slaves URL N` runs N slaves whose tasks sleep, `frameworks URL N`
 * runs N frameworks with tasks that never end. They find the leader by the election at the URL.
 */
import { createSleepers, sleeper } from '../../frameworks/example/sleepers.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { electionOf } from '../../mesos/election/electionOf.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { startWire } from '../../mesos/runtime/wire.ts';
import { slave } from '../../mesos/slave/slave.ts';

const [kind, url = '', count = '0'] = process.argv.slice(2);
/** Tasks of each framework, all at the same time. */
const TASKS = 20;
const FOREVER_MS = 86_400_000;
const RESOURCES = { cpus: 8, mem: 8192 };
const COMMAND = { shell: false, value: 'emulated', arguments: [], environment: {} };

process.stdin.on('close', () => process.exit()).resume();
const wire = await startWire({ listen: { host: '127.0.0.1', port: 0 }, log: console.error });
const masters = electionOf(url, { sessionTimeoutMs: 1_000 });

for (let n = 1; n <= Number(count); n++)
  if (kind === 'slaves')
    wire.spawn(
      `slave(${n})`,
      slave({
        master: masters,
        hostname: `node${n}`,
        resources: RESOURCES,
        attributes: {},
        isolation: emulated(wire, { sleeper }, (run) => setImmediate(run)),
      }),
    );
  else {
    const name = `framework${n}`;
    const factory = createSleepers({ name, tasks: TASKS, sleepMs: FOREVER_MS, command: COMMAND }, () => {});
    const frameworkInfo = { user: 'bench', name, failoverTimeout: 600 };
    wire.spawn(name, schedulerActor({ master: masters, frameworkInfo, factory, stopped: console.error }));
  }
