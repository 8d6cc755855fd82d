/** States as a sign and a word: colour is never all that tells. */
import type { FrameworkState, SlaveState } from './model/model.ts';
import type { TaskState } from './model/taskStates.ts';

/** How a state is to be taken. */
export type Tone = 'good' | 'busy' | 'quiet' | 'warning' | 'bad';

/** A state as it is shown. */
export interface Sign {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

/** A task's state. */
export const TASK_SIGNS: Readonly<Record<TaskState, Sign>> = {
  TASK_STAGING: { glyph: '◌', word: 'staging', tone: 'busy' },
  TASK_STARTING: { glyph: '◔', word: 'starting', tone: 'busy' },
  TASK_RUNNING: { glyph: '●', word: 'running', tone: 'good' },
  TASK_KILLING: { glyph: '◑', word: 'killing', tone: 'busy' },
  TASK_UNREACHABLE: { glyph: '▲', word: 'unreachable', tone: 'warning' },
  TASK_UNKNOWN: { glyph: '?', word: 'unknown', tone: 'warning' },
  TASK_FINISHED: { glyph: '✓', word: 'finished', tone: 'quiet' },
  TASK_KILLED: { glyph: '■', word: 'killed', tone: 'quiet' },
  TASK_FAILED: { glyph: '✗', word: 'failed', tone: 'bad' },
  TASK_ERROR: { glyph: '✗', word: 'error', tone: 'bad' },
  TASK_LOST: { glyph: '✗', word: 'lost', tone: 'bad' },
  TASK_DROPPED: { glyph: '✗', word: 'dropped', tone: 'bad' },
  TASK_GONE: { glyph: '✗', word: 'gone', tone: 'bad' },
  TASK_GONE_BY_OPERATOR: { glyph: '■', word: 'gone by operator', tone: 'quiet' },
};

/** A slave's state. */
export const SLAVE_SIGNS: Readonly<Record<SlaveState, Sign>> = {
  active: { glyph: '●', word: 'active', tone: 'good' },
  inactive: { glyph: '▲', word: 'not reached', tone: 'warning' },
  deactivated: { glyph: '■', word: 'deactivated', tone: 'quiet' },
  draining: { glyph: '◑', word: 'draining', tone: 'busy' },
  drained: { glyph: '○', word: 'drained', tone: 'quiet' },
};

/** A framework's state. */
export const FRAMEWORK_SIGNS: Readonly<Record<FrameworkState, Sign>> = {
  connected: { glyph: '●', word: 'connected', tone: 'good' },
  disconnected: { glyph: '▲', word: 'disconnected', tone: 'warning' },
  recovered: { glyph: '▲', word: 'not back yet', tone: 'warning' },
  completed: { glyph: '✓', word: 'completed', tone: 'quiet' },
  unknown: { glyph: '?', word: 'unknown', tone: 'warning' },
};
