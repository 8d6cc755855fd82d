import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { type Script, sleepTask, testCluster } from '../../mesos/testCluster.ts';

const CPUS = 4;
const SLAVES = 6;
/** By then what was free at first, and went to whoever came first, has been given out again. */
const STEADY_MS = 60_000;

/** Launches as much as it is offered, in tasks of one processor that take a while each. */
function greedy(script: Script, seed: string): void {
  const random = seededRandom(seed);
  let tasks = 0;
  script.onOffers = (offers) => {
    for (const offer of offers)
      script.driver.replyToOffer(
        [offer.id],
        Array.from({ length: offer.resources.cpus ?? 0 }, () =>
          sleepTask(offer, `t${tasks++}`, 1000 + 9000 * random.uniform(), 'cpus:1;mem:512'),
        ),
      );
  };
}

test('once demand is steady, shares are within a task of what is fair, by the weights of the roles', () => {
  for (const weights of [
    { a: 1, b: 1, c: 1 },
    { a: 3, b: 2, c: 1 },
    { a: 1, b: 4, c: 1 },
  ])
    for (const seed of [1, 2, 3, 4]) {
      const cluster = testCluster({ seed, weights });
      for (let n = 1; n <= SLAVES; n++) cluster.addSlave(n, `cpus:${CPUS};mem:4096`);
      const roles = Object.entries(weights);
      for (const [role] of roles) greedy(cluster.addFramework(role, { role }), `${seed} ${role}`);
      cluster.pass(4 * STEADY_MS);

      const roleOf = new Map(
        cluster.seen('framework-registered').map((line) => [line.frameworkId, line.role]),
      );
      const whole = roles.reduce((sum, [, weight]) => sum + weight, 0);
      const held = new Map<string, number>();
      const change = (frameworkId: string, by: number): void => {
        const role = roleOf.get(frameworkId) ?? '';
        held.set(role, (held.get(role) ?? 0) + by);
      };
      let looks = 0;
      for (const line of cluster.history) {
        if (line.event === 'task-launched') change(line.frameworkId, 1);
        if (line.event === 'task-updated' && line.state === 'TASK_FINISHED') change(line.frameworkId, -1);
        if (line.event !== 'task-launched' || line.t < STEADY_MS) continue;
        looks++;
        for (const [role, weight] of roles) {
          const share = (SLAVES * CPUS * weight) / whole;
          const tasks = held.get(role) ?? 0;
          assert.ok(
            Math.abs(tasks - share) <= 1,
            `seed ${seed}: role ${role} has ${tasks} tasks at ${line.t} ms; ${share} were fair`,
          );
        }
      }
      assert.ok(looks > 100);
    }
});

test.run();
