/** What people are told to type to get to where only ssh leads. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sshForward } from './shell.ts';

test('a port is led on by a line that a shell takes as it is', () => {
  assert.is(
    sshForward(
      { host: 'node1.example', user: 'me', port: 2222, key: "/home/me/o'key" },
      { remoteShell: ['ssh', '-F', 'my config'], knownHosts: '/known' },
      '/state/one',
      5050,
      '10.0.0.1:5050',
    ),
    "ssh -F 'my config' -N -L 5050:10.0.0.1:5050 -o StrictHostKeyChecking=yes -o 'UserKnownHostsFile=\"/known\"'" +
      ` -o 'IdentityFile="/home/me/o'\\''key"' -o IdentitiesOnly=yes -o User=me -o Port=2222 -- node1.example`,
  );
});

test('machines that are believed at first are so by that line too', () => {
  assert.is(
    sshForward({ host: 'node1' }, {}, '/state/one', 5050, '10.0.0.1:5050'),
    `ssh -N -L 5050:10.0.0.1:5050 -o StrictHostKeyChecking=accept-new -o 'UserKnownHostsFile="/state/one/known_hosts" ~/.ssh/known_hosts' -- node1`,
  );
});

test.run();
