/** Why a framework is not offered a slave, in words. */
import type { Millis } from './clock.ts';
import { quantitiesText } from './format.ts';
import type { Quantities } from './model/quantities.ts';
import type { PolledReason } from './polls.ts';

/** A reason: what it is called, and what it means for who asks. */
export interface ReasonWords {
  readonly title: string;
  readonly meaning: string;
}

/** Reasons that the master gives, with words for them. */
const WORDS: Readonly<Record<string, ReasonWords>> = {
  offered: {
    title: 'It is offered',
    meaning: 'The framework holds an offer of the slave and has yet to answer it.',
  },
  suppressed: {
    title: 'It wants none',
    meaning: 'The framework has suppressed offers. It gets none until it revives them.',
  },
  'slave-inactive': {
    title: 'Slave is not active',
    meaning: 'The master does not reach the slave, or an operator has deactivated it.',
  },
  'nothing-free': { title: 'Nothing is free', meaning: 'All of the slave is in use or in offers.' },
  'another-framework': {
    title: 'Another framework has it',
    meaning: 'It was the turn of another framework, which holds or uses what was free.',
  },
  reserved: { title: 'Reserved for others', meaning: 'What is free is reserved for another role.' },
  'below-minimum': {
    title: 'Too little is free',
    meaning: 'Less is free than is worth an offer, or than the framework’s minimum.',
  },
  refused: {
    title: 'Refused for now',
    meaning: 'The framework has declined the slave, and does not want it back yet.',
  },
  filtered: {
    title: 'Filtered out',
    meaning: 'The framework has set a filter that the slave does not pass.',
  },
  quota: { title: 'Quota is used up', meaning: 'The role may not hold more than its quota.' },
  'unanswered-offers': {
    title: 'Too many open offers',
    meaning: 'The framework holds offers that it has not answered.',
  },
  'being-allocated': { title: 'About to be offered', meaning: 'The next allocation decides.' },
};

/** Words for a reason. */
export function reasonWords(why: string): ReasonWords {
  return WORDS[why] ?? { title: why.replaceAll('-', ' '), meaning: '' };
}

/** Until when it holds, if that is known. `Infinity`: for ever. */
export function untilOf({ details }: PolledReason): Millis | undefined {
  const { until } = details;
  if (until === 'Infinity') return Number.POSITIVE_INFINITY;
  return typeof until === 'number' ? until * 1000 : undefined;
}

/** What is particular about a slave. */
export function reasonText({ why, details }: PolledReason, nameOf: (frameworkId: string) => string): string {
  const quantities = (name: string): string => quantitiesText((details[name] ?? {}) as Quantities);
  switch (why) {
    case 'another-framework':
      return `${details.how === 'offered' ? 'offered to' : 'used by'} ${nameOf(`${details.framework_id}`)}`;
    case 'reserved':
      return `reserved for ${details.role}`;
    case 'below-minimum':
      return `free: ${quantities('free')}`;
    case 'filtered':
      return `filter: ${JSON.stringify(details.filter)}`;
    case 'quota':
      return `${details.role} holds ${quantities('held')} of ${quantities('limit')}`;
    case 'unanswered-offers':
      return `open offers of ${quantities('offered')}`;
    default:
      return '';
  }
}
