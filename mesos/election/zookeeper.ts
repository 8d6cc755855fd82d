/** The election of Apache Mesos: through ZooKeeper (NSDI'11 §3.6; docs/high-availability.md). */
import type { OpenElection } from './election.ts';
import { followers } from './followers.ts';
import { type Contender, contend } from './zookeeper/contender.ts';
import { detect } from './zookeeper/detector.ts';
import { readZookeeperUrl } from './zookeeper/url.ts';

/** Default of Apache Mesos. */
const SESSION_TIMEOUT_MS = 10_000;

/** How to take part. */
export interface ZookeeperOptions {
  /**
   * How long a master may be out of touch before another one leads; default 10 s. Servers grant 2 to 20 of their ticks, and it
   * should be 5 at least.
   */
  readonly sessionTimeoutMs?: number;
}

/** The election at `zk://host:port,host:port/path`. Throws, in one sentence, what is wrong with the URL. */
export function zookeeperElection(url: string, options: ZookeeperOptions = {}): OpenElection {
  const session = { ...readZookeeperUrl(url), timeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS };
  const contenders = new Set<Contender>();
  const detector = followers((tell) => detect(session, tell));
  return {
    follow: detector.follow,
    followNext: detector.followNext,
    stand(candidate, events) {
      const contender = contend(session, candidate, events);
      contenders.add(contender);
      void contender.closed.then(() => contenders.delete(contender));
      return contender;
    },
    async close() {
      for (const contender of contenders) contender.withdraw();
      await Promise.all([detector.close(), ...[...contenders].map(({ closed }) => closed)]);
    },
  };
}
