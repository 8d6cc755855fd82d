/** Inventories: the examples of the documentation are understood, and what is wrong with others is told with the line. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../mesos/protocol/resources.ts';
import { membersOf } from './group.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { InventoryError } from './position.ts';

const EXAMPLES = join(import.meta.dirname, '../../docs/inventories');
const OPTIONS = { parseResources: parse, defaultResources: { cpus: 1 } };

const read = (text: string): Inventory<object> => readInventory(text, '/etc/lab/inventory.yaml', OPTIONS);
const example = (kind: string): Inventory<object> =>
  read(readFileSync(join(EXAMPLES, `${kind}.yaml`), 'utf8'));

test('the example of local machines', () => {
  assert.equal(example('local'), {
    asked: { kind: 'local', names: ['head', 'node1', 'node2', 'node3', 'node4'] },
    roles: {
      zookeeper: [],
      masters: ['head'],
      slaves: [1, 2, 3, 4].map((n) => ({ name: `node${n}`, resources: { cpus: 1, mem: 1024 } })),
    },
  });
});

test('the example of namespaces', () => {
  const { asked, roles } = example('netns');
  assert.ok(asked.kind === 'netns' && asked.over === 'ssh' && asked.names.length === 16);
  assert.equal(roles.zookeeper, ['node1', 'node2', 'node3']);
  assert.equal(roles.slaves[0], { name: 'node3', resources: { cpus: 2, mem: 2048 } });
});

test('the example of machines that ssh reaches', () => {
  const { asked, roles } = example('ssh');
  if (asked.kind !== 'ssh') throw new Error('it is of another kind');
  const key = join(homedir(), '.ssh/cluster');
  assert.equal(asked.machines[0], { name: 'head1', host: '192.0.2.1', user: 'mesos', key });
  assert.equal(asked.machines[34], {
    name: 'node32',
    host: 'node32.cluster.example',
    ip: '10.1.0.32',
    user: 'mesos',
    key,
    folder: '/scratch/mesos-lab/node32',
  });
  assert.equal(roles.slaves[32], { name: 'big', resources: { cpus: 64, mem: 262144 } });
});

test('the example of nodes of Slurm', () => {
  const { asked, roles } = example('slurm');
  const names = ['head', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `node${n}`)];
  assert.equal(asked, {
    ...{ kind: 'slurm', names, minutes: 120 },
    ...{ partition: 'batch', flags: ['--account=physics'] },
  });
  assert.equal(roles.slaves[0], { name: 'node1', resources: { cpus: 16, mem: 65536 } });
});

test('without roles the first machine has the master, and the others are slaves; a single one is both', () => {
  const { roles } = read('kind: local\nmachines: [{ name: "n[1-3]" }]');
  assert.equal([roles.masters, roles.slaves.map(({ name }) => name)], [['n1'], ['n2', 'n3']]);
  const alone = read('kind: local\nmachines: [{ name: one }]').roles;
  assert.equal(alone, { zookeeper: [], masters: ['one'], slaves: [{ name: 'one', resources: { cpus: 1 } }] });
});

test('the words of another remote shell, and files beside the inventory', () => {
  const { asked } = read(
    'kind: ssh\nremoteShell: [ssh, -F, none]\nknownHosts: hosts\nmachines: [{ name: a, key: id }]',
  );
  if (asked.kind !== 'ssh') throw new Error('it is of another kind');
  assert.equal(asked.settings, { remoteShell: ['ssh', '-F', 'none'], knownHosts: '/etc/lab/hosts' });
  assert.equal(asked.machines, [{ name: 'a', host: 'a', key: '/etc/lab/id' }]);
});

const TWO = 'kind: local\nmachines:\n  - name: a\n  - name: b\n';
const ONE_SSH = 'kind: ssh\nmachines:\n  - name: a\n';
/** What is wrong, such a file, and what is said: line, column, sentence. */
const WRONG: readonly (readonly [string, string, string])[] = [
  ['no YAML', 'kind: local\nmachines: [', '2:12: this is no YAML: '],
  ['a key that is there twice', 'kind: local\nkind: ssh', '2:1: this is no YAML: Map keys must be unique'],
  ['nothing', '', "1:1: the kind is 'local', 'netns', 'ssh' or 'slurm'"],
  ['an unknown kind', 'kind: docker', "1:7: the kind is 'local', 'netns', 'ssh' or 'slurm'"],
  [
    'a job of no time',
    'kind: slurm\nminutes: 0\nmachines: [{ name: a }]',
    '2:10: write at least one minute here',
  ],
  ['a job without a time', 'kind: slurm\nmachines: [{ name: a }]', "1:1: 'minutes' is missing here"],
  [
    'a partition that is a flag',
    'kind: slurm\nminutes: 5\npartition: -x\nmachines: [{ name: a }]',
    "3:12: '-x' is no name of a partition",
  ],
  ['an unknown key', `${TWO}colour: blue`, "5:1: there is no 'colour' here"],
  ['an unknown key of a machine', `${TWO}    host: b`, "5:5: there is no 'host' here"],
  ['no machines', 'kind: local', "1:1: 'machines' is missing here"],
  ['an empty list of machines', 'kind: local\nmachines: []', '2:11: name at least one machine'],
  [
    'a machine without a name',
    'kind: local\nmachines:\n  - resources: cpus:1',
    "3:5: 'name' is missing here",
  ],
  [
    'a bad name',
    'kind: local\nmachines:\n  - name: a/b',
    "3:11: 'a/b' is no name: a machine is named by up to 63",
  ],
  ['a name that is there twice', `${TWO}  - name: a`, "5:11: 'a' is named twice"],
  [
    'a group that has a name twice',
    'kind: local\nmachines:\n  - name: n[1-2,2]',
    "3:11: 'n2' is named twice",
  ],
  ['a bad group', 'kind: local\nmachines:\n  - name: n[2-1]', "3:11: 'n[2-1]' counts from 2 down to 1"],
  [
    'groups of different sizes',
    'kind: ssh\nmachines:\n  - name: n[1-2]\n    host: h[1-3]',
    "4:11: 'h[1-3]' stands for 3, but the name 'n[1-2]' for 2",
  ],
  ['a port that is none', `${ONE_SSH}    port: 70000`, '4:11: a port is at most 65535'],
  ['an address that is none', `${ONE_SSH}    ip: 10.0.0`, "4:9: the ip of 'a' is no address"],
  [
    'a host that is an option',
    `${ONE_SSH}    host: -oProxyCommand=x`,
    "4:11: the host of 'a' has a space, or begins with a hyphen",
  ],
  ['a relative folder', `${ONE_SSH}    folder: there`, "4:13: the folder of 'a' is no absolute path"],
  ['resources that are none', `${TWO}    resources: many`, "5:16: 'many' is not a scalar resource"],
  [
    'default resources that are none',
    `defaults:\n  resources: cpus\n${TWO}`,
    "2:14: 'cpus' is not a scalar resource",
  ],
  ['a role of nobody', `${TWO}roles: { masters: a, slaves: [] }`, '5:30: no machine is named for the slaves'],
  ['a role that is missing', `${TWO}roles:\n  slaves: b`, "6:3: 'masters' is missing here"],
  [
    'a role of a machine that is not there',
    `${TWO}roles:\n  masters: a\n  slaves: [b, c]`,
    "7:15: no machine is called 'c'",
  ],
  ['a role given twice', `${TWO}roles:\n  masters: a\n  slaves: [b, b]`, "7:11: 'b' is there twice"],
  [
    'masters without ZooKeeper',
    `${TWO}roles:\n  masters: [a, b]\n  slaves: b`,
    '6:12: several masters need ZooKeeper',
  ],
  [
    'two servers',
    `${TWO}roles:\n  zookeeper: [a, b]\n  masters: a\n  slaves: b`,
    '6:14: ZooKeeper has 1, 3 or 5 servers',
  ],
];

for (const [what, text, said] of WRONG)
  test(`${what} is told with line and column`, () => {
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      assert.is(error.message.slice(0, 24 + said.length), `/etc/lab/inventory.yaml:${said}`);
      assert.not.match(error.message, /\n/);
      return;
    }
    assert.unreachable('it was read');
  });

test('a group is as long as its ranges, and keeps leading noughts', () => {
  assert.equal(membersOf('r[1-2]n[08-10]x'), ['r1n08x', 'r1n09x', 'r1n10x', 'r2n08x', 'r2n09x', 'r2n10x']);
  const range = fc.tuple(fc.nat(500), fc.nat(500)).map(([from, more]) => ({ from, to: from + more }));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
      const text = `n[${ranges.map(({ from, to }) => `${from}-${to}`).join(',')}]`;
      const expected = ranges.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, n) => `n${from + n}`),
      );
      assert.equal(membersOf(text), expected);
    }),
  );
});

test('no group of any text is endless, or fails in any other way than with a sentence', () => {
  const text = fc.string({ unit: fc.constantFrom('[', ']', '-', ',', '0', '9', 'n'), maxLength: 30 });
  fc.assert(
    fc.property(text, (any) => {
      try {
        assert.ok(membersOf(any).length <= 10_000);
      } catch (error) {
        assert.instance(error, SyntaxError);
      }
    }),
  );
});

test.run();
