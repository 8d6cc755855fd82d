/** Maintenance of machines: scheduled, begun, ended. What a new schedule is, and whether it may be. */
import type { Unavailability } from '../protocol/entities.ts';
import { type ActionRefusal, type MaintenanceAction, refused } from './actions.ts';
import type { Directives, Window } from './directives.ts';
import { type Machine, type MachineMap, machineKey, machineMap, shownMachine } from './machines.ts';

/** What is said of a machine. */
export interface Upkeep {
  readonly machine: Machine;
  readonly unavailability: Unavailability;
  /** It is worked on now. */
  readonly isDown: boolean;
}

/** All that is said of machines. */
export function upkeepOf({ schedule, down }: Pick<Directives, 'schedule' | 'down'>): MachineMap<Upkeep> {
  const isDown = new Set(down.map(machineKey));
  return machineMap(
    schedule.flatMap(({ machines, unavailability }) =>
      machines.map(
        (machine) => [machine, { machine, unavailability, isDown: isDown.has(machineKey(machine)) }] as const,
      ),
    ),
  );
}

/** What is ordered of machines after an action. */
export function maintained(
  { schedule, down }: Directives,
  action: MaintenanceAction,
): Pick<Directives, 'schedule' | 'down'> | ActionRefusal {
  switch (action.type) {
    case 'UPDATE_MAINTENANCE_SCHEDULE': {
      const complaint = scheduleComplaint(action.windows, down);
      return complaint === undefined ? { schedule: action.windows, down } : refused('invalid', complaint);
    }
    case 'START_MAINTENANCE': {
      const { machines } = action;
      const scheduled = new Set(schedule.flatMap((window) => window.machines.map(machineKey)));
      const isDown = new Set(down.map(machineKey));
      const complaint =
        listComplaint(machines) ??
        firstOf(machines, (key) => !scheduled.has(key), 'is not part of a maintenance schedule') ??
        firstOf(machines, (key) => isDown.has(key), 'is not in DRAINING mode and cannot be brought down');
      return complaint === undefined
        ? { schedule, down: [...down, ...machines] }
        : refused('invalid', complaint);
    }
    case 'STOP_MAINTENANCE': {
      const { machines } = action;
      const isDown = new Set(down.map(machineKey));
      const complaint =
        listComplaint(machines) ??
        firstOf(machines, (key) => !isDown.has(key), 'is not in DOWN mode and cannot be brought up');
      if (complaint !== undefined) return refused('invalid', complaint);
      const isUp = new Set(machines.map(machineKey));
      const stays = (machine: Machine): boolean => !isUp.has(machineKey(machine));
      const windows = schedule.map((window) => ({ ...window, machines: window.machines.filter(stays) }));
      return {
        schedule: windows.filter((window) => window.machines.length > 0),
        down: down.filter(stays),
      };
    }
    default:
      return action satisfies never;
  }
}

function scheduleComplaint(windows: readonly Window[], down: readonly Machine[]): string | undefined {
  const machines = windows.flatMap((window) => window.machines);
  const scheduled = new Set(machines.map(machineKey));
  if (windows.some((window) => window.machines.length === 0)) return 'A window names no machines';
  return (
    duplicate(machines) ??
    firstOf(down, (key) => !scheduled.has(key), 'is down; it cannot leave the schedule before it is up again')
  );
}

function listComplaint(machines: readonly Machine[]): string | undefined {
  return machines.length === 0 ? 'No machines are named' : duplicate(machines);
}

function duplicate(machines: readonly Machine[]): string | undefined {
  const seen = new Set<string>();
  return firstOf(machines, (key) => seen.size === seen.add(key).size, 'is named more than once');
}

function firstOf(
  machines: readonly Machine[],
  isWrong: (key: string) => boolean,
  what: string,
): string | undefined {
  const wrong = machines.find((machine) => isWrong(machineKey(machine)));
  return wrong && `Machine ${shownMachine(wrong)} ${what}`;
}
