import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commonNetwork, isDaemon, LAUNCHERS } from './launcher.ts';

test('what MPICH prints is read: which daemon, on which slot', () => {
  const { readLine } = LAUNCHERS.mpich;
  const line =
    'HYDRA_LAUNCH: /usr/bin/hydra_pmi_proxy --control-port 127.0.0.1:41855 --rmk user --usize -2 --proxy-id 3 ';
  const argv = ['/usr/bin/hydra_pmi_proxy', '--control-port', '127.0.0.1:41855', '--rmk', 'user'];
  assert.equal(readLine(line), { slot: 3, argv: [...argv, '--usize', '-2', '--proxy-id', '3'] });
  for (const other of ['HYDRA_LAUNCH_END', '', 'hello', 'HYDRA_LAUNCH: no number'])
    assert.is(readLine(other), undefined);
});

test('what Open MPI prints is read, quotes and all', () => {
  const { readLine } = LAUNCHERS.openmpi;
  const line =
    'MPI_LAUNCH slot1  orted -mca ess "env" -mca plm_rsh_agent "/bin/echo MPI_LAUNCH" -mca pmix "^s1,s2" -x ""';
  const argv = [
    'orted',
    '-mca',
    'ess',
    'env',
    '-mca',
    'plm_rsh_agent',
    '/bin/echo MPI_LAUNCH',
    '-mca',
    'pmix',
    '^s1,s2',
  ];
  assert.equal(readLine(line), { slot: 1, argv: [...argv, '-x', ''] });
  for (const other of ['MPI_LAUNCH', '', 'MPI_LAUNCH vm orted']) assert.is(readLine(other), undefined);
});

test('nothing but its daemon is started for another rank', () => {
  assert.ok(isDaemon(LAUNCHERS.mpich, ['/usr/bin/hydra_pmi_proxy', '--rmk']));
  assert.ok(isDaemon(LAUNCHERS.openmpi, ['orted']));
  for (const argv of [['sh', '-c', 'orted'], ['/bin/rm'], []]) assert.not(isDaemon(LAUNCHERS.openmpi, argv));
});

test('slots that share an address are hosts of their own', () => {
  const launch = { addresses: ['127.0.0.1', '127.0.0.1'], argv: ['prog', 'a b'] };
  for (const [flavour, hosts] of [
    ['mpich', '-hosts'],
    ['openmpi', '-H'],
  ] as const) {
    const given = LAUNCHERS[flavour].mpiexecArguments(launch);
    assert.is(given[given.indexOf(hosts) + 1], 'slot0:1,slot1:1');
    assert.equal(given.slice(-4), ['-n', '2', 'prog', 'a b']);
  }
});

test('Open MPI is told the network that has all slots', () => {
  assert.is(commonNetwork(['127.0.0.1', '127.0.0.1']), '127.0.0.0/8');
  assert.is(commonNetwork(['10.77.0.3']), '10.77.0.3/32');
  assert.is(commonNetwork(['10.77.0.2', '10.77.0.3']), '10.77.0.2/31');
  assert.is(commonNetwork(['10.77.0.2', '10.77.0.5']), '10.77.0.0/29');
  assert.is(commonNetwork(['10.77.0.2', '192.168.0.1']), '0.0.0.0/0');
  assert.is(commonNetwork(['::1', '127.0.0.1']), undefined);
});

test.run();
