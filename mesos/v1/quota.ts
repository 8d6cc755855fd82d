/** Quotas of roles (`mesos/v1/quota/quota.proto`). */
import { Resource, Scalar } from './entities.ts';
import { mapOf, message, optional, repeated, required, type Value } from './schema.ts';

/** What the frameworks of a role may have together at most, by resource, and what is kept for them. */
export const QuotaConfig = message('QuotaConfig', {
  role: required(1, 'string'),
  guarantees: mapOf(2, Scalar),
  limits: mapOf(3, Scalar),
});
export type QuotaConfig = Value<typeof QuotaConfig>;

/** A quota as SET_QUOTA, which UPDATE_QUOTA has replaced, gives it. */
export const QuotaRequest = message('QuotaRequest', {
  force: optional(1, 'bool'),
  role: optional(2, 'string'),
  guarantee: repeated(3, Resource),
});
export type QuotaRequest = Value<typeof QuotaRequest>;

const QuotaInfo = message('QuotaInfo', {
  role: optional(1, 'string'),
  principal: optional(2, 'string'),
  guarantee: repeated(3, Resource),
});

/** The quotas that there are. */
export const QuotaStatus = message('QuotaStatus', {
  infos: repeated(1, QuotaInfo),
  configs: repeated(2, QuotaConfig),
});
export type QuotaStatus = Value<typeof QuotaStatus>;
