/** Machines of deployments, for real: namespaces, and servers of OpenSSH in them. They outlive who made them, until they are removed. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inSwitch } from '../netns/holder.ts';
import { heldFolders } from '../netns/keptHolder.ts';
import type { Place } from '../place.ts';
import type { MachinesAsked } from './asked.ts';
import { placesOf, provision, removeMachines } from './provision.ts';

const execute = promisify(execFile);
const NODE = join(import.meta.dirname, '../../harness/node');

/** What a script writes on a machine. */
async function tell({ shell: [program, ...args] }: Place, script: string): Promise<string> {
  return (await execute(program, [...args, script])).stdout;
}

/** Machines that another process provisions, which ends then. */
function provisionElsewhere(asked: MachinesAsked, folder: string): void {
  const script = `
    const { provision } = await import(${JSON.stringify(import.meta.resolve('./provision.ts'))});
    const places = await provision(${JSON.stringify(asked)}, ${JSON.stringify(folder)});
    if (places.some(({ is }) => is !== 'there')) throw new Error(JSON.stringify(places));
  `;
  execFileSync(NODE, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit'] });
}

for (const over of ['nsenter', 'ssh'] as const) {
  const test = suite<{ folder: string; asked: MachinesAsked }>(`namespaces that are kept, over ${over}`);

  test.before((context) => {
    context.folder = mkdtempSync(join(tmpdir(), 'provision test-'));
    context.asked = { kind: 'netns', names: ['node1', 'node2'], over };
    provisionElsewhere(context.asked, context.folder);
  });
  test.after(async ({ folder, asked }) => {
    await removeMachines(asked, folder);
    rmSync(folder, { recursive: true });
  });

  test('are found by a later process, which runs scripts on them', async ({ folder, asked }) => {
    const places = await placesOf(asked, folder);
    assert.equal(await Promise.all(places.map((place) => tell(place, 'hostname'))), ['node1\n', 'node2\n']);
    const [one] = places as readonly [Place];
    assert.is(
      await tell(one, `printf '%s\n' "it's" '$HOME' \\\\ &&\necho "two  spaces"`),
      "it's\n$HOME\n\\\ntwo  spaces\n",
    );
    const [program, ...args] = one.shell;
    assert.is(execFileSync(program, [...args, 'cat; exit 0'], { input: 'said', encoding: 'utf8' }), 'said');
  });

  test('reach each other, and this machine reaches them', async ({ folder, asked }) => {
    const [one, two] = (await placesOf(asked, folder)) as readonly [Place, Place];
    const listening = `exec '${NODE}' -e "require('net').createServer((s) => s.end('hello')).listen(5000, () => console.log())"`;
    const [program, ...args] = two.shell;
    const server = execFile(program, [...args, listening]);
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    assert.is(await tell(one, `exec bash -c 'cat </dev/tcp/node2/5000'`), 'hello');
    assert.is(execFileSync('bash', ['-c', `cat </dev/tcp/${two.ip}/5000`], { encoding: 'utf8' }), 'hello');
    server.kill();
  });

  test('are provisioned once, however often that is asked for; one that is off is switched on', async ({
    folder,
    asked,
  }) => {
    const [one, two] = (await placesOf(asked, folder)) as readonly [Place, Place];
    const boot = 'readlink /proc/1/ns/pid';
    const before = await tell(one, boot);
    await two.power?.off();
    assert.equal(
      (await placesOf(asked, folder)).map(({ name }) => name),
      ['node1'],
    );
    const again = await provision(asked, folder);
    assert.equal(
      again.map(({ is }) => is),
      ['there', 'there'],
    );
    assert.is(await tell(two, 'hostname'), 'node2\n');
    assert.is(await tell(one, boot), before);
  });

  test('are made whole by the next to ask, wherever the last was killed', async ({ folder, asked }) => {
    const netns = join(folder, 'netns');
    const { switchPid, inside } = JSON.parse(readFileSync(join(netns, 'switch.json'), 'utf8'));
    const onSwitch = (...command: readonly string[]): string => {
      const [program, args] = inSwitch(switchPid, inside, ...command);
      return execFileSync(program, args, { encoding: 'utf8' });
    };
    // It had not noted the one yet, and not plugged in the other.
    rmSync(join(netns, 'node1.pid'));
    onSwitch('ip', 'link', 'set', 'v1', 'nomaster', 'down');
    const places = await provision(asked, folder);
    assert.equal(
      places.map(({ is }) => is),
      ['there', 'there'],
    );
    for (const port of ['v0', 'v1']) assert.match(onSwitch('ip', 'link', 'show', port), /UP.* master br0 /);
    const [one] = (await placesOf(asked, folder)) as readonly [Place];
    assert.is(await tell(one, 'hostname'), 'node1\n');
  });

  test('leave nothing when they are removed', async ({ folder, asked }) => {
    const [one] = (await placesOf(asked, folder)) as readonly [Place];
    await removeMachines(asked, folder);
    assert.not(heldFolders().includes(folder));
    assert.equal(
      readdirSync(folder).filter((name) => ['netns', 'machines', 'ssh'].includes(name)),
      [],
    );
    assert.not(existsSync(one.folder));
    assert.equal(await placesOf(asked, folder), []);
  });

  test.run();
}
