/** Events for schedulers between the house and the v1 API. */
import { isIPv4 } from 'node:net';
import type { FrameworkInfo, MasterInfo, SlaveId } from '../../protocol/entities.ts';
import { NOTHING } from '../../protocol/resources.ts';
import type { SchedulerEvent } from '../../protocol/scheduler.ts';
import type * as entities from '../entities.ts';
import type * as v1 from '../scheduler.ts';
import { inverseOfferFromV1, inverseOfferToV1, offerFromV1, offerToV1 } from './offers.ts';
import { statusFromV1, statusToV1 } from './statuses.ts';

/** What is known of a framework whose events are written. */
export interface Recipient {
  readonly framework: FrameworkInfo;
  /** `host:port` of a slave. */
  readonly endpointOf: (slaveId: SlaveId) => string | undefined;
  /** How slaves are reached; default `http`. */
  readonly scheme?: 'http' | 'https';
}

/** An event as v1 has it; undefined: it has none of the kind. */
export function eventToV1(
  event: SchedulerEvent,
  { framework, endpointOf, scheme }: Recipient,
): v1.Event | undefined {
  const { type } = event;
  switch (type) {
    case 'SUBSCRIBED':
      return {
        type,
        subscribed: {
          framework_id: { value: event.frameworkId },
          heartbeat_interval_seconds: event.heartbeatIntervalSeconds,
          master_info: masterToV1(event.masterInfo),
        },
      };
    case 'OFFERS': {
      const offers = event.offers.map((offer) =>
        offerToV1(offer, framework, endpointOf(offer.slaveId), scheme),
      );
      return { type, offers: { offers } };
    }
    case 'RESCIND':
      return { type, rescind: { offer_id: { value: event.offerId } } };
    case 'INVERSE_OFFERS': {
      const inverse_offers = event.inverseOffers.map((one) =>
        inverseOfferToV1(one, endpointOf(one.slaveId), scheme),
      );
      return { type, inverse_offers: { inverse_offers } };
    }
    case 'RESCIND_INVERSE_OFFER':
      return { type, rescind_inverse_offer: { inverse_offer_id: { value: event.inverseOfferId } } };
    case 'UPDATE':
      return { type, update: { status: statusToV1(event.status) } };
    case 'MESSAGE': {
      const ids = { agent_id: { value: event.slaveId }, executor_id: { value: event.executorId } };
      return { type, message: { ...ids, data: event.data } };
    }
    case 'FAILURE': {
      const { slaveId, executorId, status } = event;
      return {
        type,
        failure: {
          agent_id: { value: slaveId },
          ...(executorId !== undefined && { executor_id: { value: executorId } }),
          ...(status !== undefined && { status }),
        },
      };
    }
    case 'ERROR':
      return { type, error: { message: event.message } };
    case 'HEARTBEAT':
      return { type };
    case 'REDIRECT':
      return undefined;
    default:
      return type satisfies never;
  }
}

/** A master as v1 has it. */
export function masterToV1({ id, address, version }: MasterInfo): entities.MasterInfo {
  const colon = address.lastIndexOf(':');
  const hostname = address.slice(0, colon);
  const port = Number(address.slice(colon + 1));
  return {
    id,
    ip: packedIp(hostname),
    port,
    pid: `master@${address}`,
    hostname,
    version,
    address: { hostname, ip: hostname, port },
  };
}

/** The four numbers of an address, the first in the lowest byte; 0 for what has no such form. */
function packedIp(host: string): number {
  if (!isIPv4(host)) return 0;
  return host.split('.').reduceRight((packed, byte) => packed * 256 + Number(byte), 0);
}

/**
 * Reads an event; undefined: there is none of the kind here. `nowSeconds` stands in for a time that is not given. Throws a
 * MalformedError.
 */
export function eventFromV1(event: v1.Event, nowSeconds: number): SchedulerEvent | undefined {
  const { type = 'UNKNOWN' } = event;
  switch (type) {
    case 'SUBSCRIBED': {
      const { subscribed } = event;
      if (subscribed === undefined) return undefined;
      const { framework_id, heartbeat_interval_seconds = 15, master_info } = subscribed;
      return {
        type,
        frameworkId: framework_id.value,
        heartbeatIntervalSeconds: heartbeat_interval_seconds,
        masterInfo: masterFromV1(master_info),
        term: 0,
        guaranteedShare: NOTHING,
      };
    }
    case 'OFFERS':
      return { type, offers: (event.offers?.offers ?? []).map(offerFromV1) };
    case 'RESCIND':
      return event.rescind && { type, offerId: event.rescind.offer_id.value };
    case 'UPDATE':
      return event.update && { type, status: statusFromV1(event.update.status, nowSeconds) };
    case 'MESSAGE': {
      if (event.message === undefined) return undefined;
      const { agent_id, executor_id, data } = event.message;
      return { type, slaveId: agent_id.value, executorId: executor_id.value, data };
    }
    case 'FAILURE': {
      const { agent_id, executor_id, status } = event.failure ?? {};
      if (agent_id === undefined) return undefined;
      return {
        type,
        slaveId: agent_id.value,
        ...(executor_id !== undefined && { executorId: executor_id.value }),
        ...(status !== undefined && { status }),
      };
    }
    case 'ERROR':
      return { type, message: event.error?.message ?? 'no reason given' };
    case 'HEARTBEAT':
      return { type };
    case 'INVERSE_OFFERS': {
      const { inverse_offers = [] } = event.inverse_offers ?? {};
      return { type, inverseOffers: inverse_offers.flatMap((one) => inverseOfferFromV1(one) ?? []) };
    }
    case 'RESCIND_INVERSE_OFFER': {
      const { inverse_offer_id } = event.rescind_inverse_offer ?? {};
      return inverse_offer_id && { type, inverseOfferId: inverse_offer_id.value };
    }
    case 'UPDATE_OPERATION_STATUS':
    case 'UNKNOWN':
      return undefined;
    default:
      return type satisfies never;
  }
}

function masterFromV1(info: entities.MasterInfo | undefined): MasterInfo {
  const { id = 'unknown', hostname = 'unknown', port = 0, version = 'unknown' } = info ?? {};
  return { id, address: `${hostname}:${port}`, version };
}
