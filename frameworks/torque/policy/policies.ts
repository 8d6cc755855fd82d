/** The policies by the names that a configuration gives them. */
import { easy } from './easy.ts';
import { fcfs } from './fcfs.ts';
import { firstFit } from './firstFit.ts';
import type { Policy } from './policy.ts';

/** A policy's name. */
export type PolicyName = (typeof POLICY_NAMES)[number];
/** All of them; the first is the default. */
export const POLICY_NAMES = ['fcfs', 'first-fit', 'easy'] as const;
export const POLICIES: Readonly<Record<PolicyName, Policy>> = { fcfs, 'first-fit': firstFit, easy };
