/** Frameworks whose schedulers speak the v1 API, on real masters and slaves: what comes out is what comes out over links. */
import { test } from 'uvu';
import { assertExact, withCluster } from './testDeployment.ts';

for (const form of ['json', 'protobuf'])
  test(`words are counted over the v1 API in ${form}`, () =>
    withCluster(assertExact, {
      framework: ([address]) => ({
        master: `http://${address}`,
        flags: ['--api', 'v1', '--http_content_type', form],
      }),
    }));

test.run();
