/** The executor driver: an actor between a framework's executor and its slave. */
import type { ExecutorId, FrameworkId, TaskStatus } from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { EXECUTOR_INBOX } from '../protocol/message.ts';
import type { ActorKind, Address, Context } from '../runtime/actor.ts';
import { uuidSource } from '../runtime/uuid.ts';
import type { Executor, ExecutorDriver, ExecutorFactory } from './executor.ts';

/** What an executor driver needs. */
export interface ExecutorActorOptions {
  readonly slave: Address;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly factory: ExecutorFactory;
  /**
   * The executor is to end: it was told to, its slave is gone, or refused it. Called once, when every update that it sent
   * has been acknowledged or cannot be any more.
   */
  readonly ended: (reason: string) => void;
}

/** An executor's driver, as an actor. */
export function executorActor(options: ExecutorActorOptions): ActorKind<ExecutorEvent> {
  return { inbox: EXECUTOR_INBOX, create: (context) => createActor(context, options) };
}

function createActor(
  context: Context,
  { slave, frameworkId, executorId, factory, ended }: ExecutorActorOptions,
) {
  /** Updates that the slave has not acknowledged. */
  const unacknowledged = new Map<string, TaskStatus>();
  const nextUuid = uuidSource(context.random);
  let ending: string | undefined;
  let isEnded = false;

  const send = (call: ExecutorCall): void => context.send(slave, call);

  const driver: ExecutorDriver = {
    random: context.random,
    now: context.now,
    after: context.after,
    record: context.record,
    sendStatus(taskId, state, detail) {
      const uuid = nextUuid();
      const status: TaskStatus = {
        taskId,
        state,
        source: 'SOURCE_EXECUTOR',
        ...detail,
        timestamp: context.now() / 1000,
        uuid,
      };
      unacknowledged.set(uuid, status);
      send({ type: 'UPDATE', frameworkId, executorId, status });
    },
    sendFrameworkMessage: (data) => send({ type: 'MESSAGE', frameworkId, executorId, data }),
  };
  const executor: Executor = factory(driver);

  function end(reason: string): void {
    if (isEnded) return;
    isEnded = true;
    ended(reason);
  }

  context.watch(slave);
  send({ type: 'SUBSCRIBE', frameworkId, executorId, unacknowledgedUpdates: [], unacknowledgedTasks: [] });

  return {
    receive(event: ExecutorEvent): void {
      switch (event.type) {
        case 'SUBSCRIBED':
          return executor.registered(event);
        case 'LAUNCH':
          return executor.launchTask(event.task);
        case 'KILL':
          return executor.killTask(event.taskId);
        case 'MESSAGE':
          return executor.frameworkMessage(event.data);
        case 'ACKNOWLEDGED':
          unacknowledged.delete(event.uuid);
          if (ending !== undefined && unacknowledged.size === 0) end(ending);
          return;
        case 'SHUTDOWN':
          executor.shutdown();
          ending = 'told to shut down';
          if (unacknowledged.size === 0) end(ending);
          return;
        case 'ERROR':
          executor.shutdown();
          return end(event.message);
        default:
          event satisfies never;
      }
    },
    lost(): void {
      executor.shutdown();
      end('the slave is gone');
    },
  };
}
