/** Keeps the chronicle of each reign of a master, and tells others that watch the master. */
import type { MasterObserver } from '../../master/observer.ts';
import { Chronicle } from './chronicle.ts';
import { countAllocation, type MasterCounts, newMasterCounts } from './counts.ts';

/** A chronicler. */
export interface Chronicler {
  /** To be given to the master. */
  readonly observer: MasterObserver;
  /** Of the reign under way. */
  readonly chronicle: Chronicle | undefined;
  readonly counts: MasterCounts;
  /** Who follows is told of everything from now on, after the chronicle has been written. */
  follow(follower: Partial<MasterObserver>): void;
}

/** Makes a chronicler. */
export function chronicler(): Chronicler {
  const counts = newMasterCounts();
  const followers: Partial<MasterObserver>[] = [];
  let chronicle: Chronicle | undefined;
  /** The message at hand. */
  let received = '';

  const observer: MasterObserver = {
    reignBegun(books) {
      chronicle = new Chronicle(books);
      for (const one of followers) one.reignBegun?.(books);
    },
    reignEnded() {
      chronicle = undefined;
      for (const one of followers) one.reignEnded?.();
    },
    received(type) {
      received = type;
      counts.messages[type]++;
      for (const one of followers) one.received?.(type);
    },
    dropped(type) {
      counts.droppedMessages++;
      for (const one of followers) one.dropped?.(type);
    },
    frameworkAdded(framework) {
      chronicle?.frameworkAdded(framework);
      for (const one of followers) one.frameworkAdded?.(framework);
    },
    frameworkUpdated(framework) {
      chronicle?.frameworkUpdated(framework);
      for (const one of followers) one.frameworkUpdated?.(framework);
    },
    frameworkRemoved(framework) {
      chronicle?.frameworkRemoved(framework);
      for (const one of followers) one.frameworkRemoved?.(framework);
    },
    called(framework, type) {
      const record = chronicle?.frameworks.get(framework.id);
      if (record !== undefined) record.counts.calls[type]++;
      for (const one of followers) one.called?.(framework, type);
    },
    told(framework, type) {
      const record = chronicle?.frameworks.get(framework.id);
      if (record !== undefined) record.counts.events[type]++;
      for (const one of followers) one.told?.(framework, type);
    },
    slaveAdded(slave) {
      const isKnown = received === 'REREGISTER_SLAVE';
      if (isKnown) counts.slaveReregistrations++;
      else counts.slaveRegistrations++;
      chronicle?.slaveAdded(slave, isKnown);
      for (const one of followers) one.slaveAdded?.(slave);
    },
    slaveUpdated(slave) {
      const was = chronicle?.slaves.get(slave.id)?.was;
      const { is } = slave.state;
      if (is === 'silent') counts.slaveUnreachableScheduled++;
      if (was === 'silent' && is !== 'silent') counts.slaveUnreachableCanceled++;
      if (was === 'disconnected' && is === 'connected') counts.slaveReregistrations++;
      chronicle?.slaveUpdated(slave);
      for (const one of followers) one.slaveUpdated?.(slave);
    },
    slaveRemoved(slave, gone) {
      counts.slaveRemovals++;
      if (gone === 'unreachable') counts.slaveUnreachableCompleted++;
      chronicle?.slaveRemoved(slave, gone === 'unreachable');
      for (const one of followers) one.slaveRemoved?.(slave, gone);
    },
    offerMade(offer) {
      const record = chronicle?.frameworks.get(offer.framework.id);
      if (record !== undefined) record.counts.offers.sent++;
      for (const one of followers) one.offerMade?.(offer);
    },
    offerEnded(offer, end) {
      const record = chronicle?.frameworks.get(offer.framework.id);
      if (record !== undefined) record.counts.offers[end]++;
      for (const one of followers) one.offerEnded?.(offer, end);
    },
    allocated(spanMs) {
      countAllocation(counts, spanMs);
      for (const one of followers) one.allocated?.(spanMs);
    },
    taskAdded(task) {
      chronicle?.taskAdded(task);
      for (const one of followers) one.taskAdded?.(task);
    },
    updateReceived(isKnown) {
      if (isKnown) counts.validStatusUpdates++;
      else counts.invalidStatusUpdates++;
      for (const one of followers) one.updateReceived?.(isKnown);
    },
    taskUpdated(task, status) {
      chronicle?.taskUpdated(task, status);
      for (const one of followers) one.taskUpdated?.(task, status);
    },
    taskRemoved(task) {
      chronicle?.taskRemoved(task);
      for (const one of followers) one.taskRemoved?.(task);
    },
  };
  return {
    observer,
    counts,
    get chronicle() {
      return chronicle;
    },
    follow: (follower) => void followers.push(follower),
  };
}
