import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockChecks, type MachinesLook, processorsIn, spanBetween } from './machinesLook.ts';

const processors = (busy: number, idle: number) => ({ cpus: 2, idle, total: busy + idle });

function look(
  clocks: Readonly<Record<string, readonly [offsetMs: number, errorMs: number]>>,
  of: MachinesLook['processors'],
): MachinesLook {
  const each = Object.entries(clocks).map(
    ([name, [offsetMs, errorMs]]) => [name, { offsetMs, errorMs }] as const,
  );
  return { clocks: new Map(each), processors: of };
}

const OWN = { kind: 'ssh', hardware: 'own' } as const;

test('machines with hardware of their own are busy all together, and their clocks are as good as the worst of them', () => {
  const { used, aheadMs, cpuBusy } = spanBetween(
    OWN,
    look({ node1: [10, 0.25], node2: [-4, 0.1] }, [processors(100, 100), processors(0, 0)]),
    look({ node1: [12, 0.5], node2: [-4, 0.1] }, [processors(200, 100), processors(0, 300)]),
  );
  assert.equal(used, { ...OWN, count: 2, cpusEach: [2, 2], clockErrorMs: 1.5 });
  assert.is(cpuBusy, 0.25);
  assert.equal(Object.fromEntries(aheadMs), { node1: 11, node2: -4 });
});

test('clocks that are known to within some milliseconds pass, others fail the run, and shared ones cannot be wrong', () => {
  const verdicts = (errorMs: number): readonly string[] => {
    const one = look({ node1: [3, errorMs] }, [processors(1, 1)]);
    return clockChecks(spanBetween(OWN, one, one).used).map(({ verdict }) => verdict);
  };
  assert.equal(verdicts(0.5), ['passed']);
  assert.equal(verdicts(9), ['failed']);
  assert.equal(verdicts(0), []);
});

test('of the kernel’s ticks, those of waiting for a disk are idle, and those of guests count once', () => {
  const stat =
    'cpu  100 1 20 300 40 5 6 7 50 0\ncpu0 1 0 0 1 0 0 0 0 0 0\ncpu1 1 0 0 1 0 0 0 0 0 0\nintr 7\n';
  assert.equal(processorsIn(stat), { cpus: 2, idle: 340, total: 479 });
});

test.run();
