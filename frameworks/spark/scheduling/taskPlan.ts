/** What a task is told: the datasets that it makes on the way, and where it finds what they are made of. */
import {
  type Argument,
  type BroadcastAt,
  type Call,
  type MapOutputsAt,
  type OwnData,
  type PlanNode,
  pack,
  type StageData,
  type Step,
} from '../taskData.ts';
import type { LineageNode } from './lineage.ts';
import type { MapOutputs } from './locations.ts';
import type { Stage } from './stage.ts';

/** The part of a plan that is the same for all tasks of a stage. */
export interface StagePlan {
  readonly data: StageData;
  /** The data, written. */
  readonly written: Uint8Array;
  readonly nodes: readonly LineageNode[];
  readonly shuffles: readonly MapOutputs[];
  readonly broadcasts: readonly number[];
}

/** Draws up the plan of a stage. */
export function planOf(stage: Stage, outputsOf: (shuffle: MapOutputs['shuffle']) => MapOutputs): StagePlan {
  const nodes = inOrder(stage.node);
  const numbers = new Map(nodes.map((node, at) => [node, at]));
  const shuffles = new Set<MapOutputs>();
  const broadcasts = new Set<number>();
  const plan = nodes.map(({ id, isCached, step, dependencies }): PlanNode => {
    for (const argument of callOf(step)?.extra ?? []) note(argument, broadcasts);
    return {
      dataset: id,
      isCached,
      step,
      inputs: dependencies.map((dependency) => {
        if (dependency.type === 'narrow') return { type: 'node', node: numbers.get(dependency.on) as number };
        shuffles.add(outputsOf(dependency.shuffle));
        return { type: 'shuffle', shuffle: dependency.shuffle.id };
      }),
    };
  });
  const output = stage.taskOutput();
  const last =
    output.type === 'shuffle'
      ? output.write.combine
      : 'call' in output.action
        ? output.action.call
        : undefined;
  for (const argument of last?.extra ?? []) note(argument, broadcasts);
  const data: StageData = { stage: stage.id, plan, output };
  return { data, written: pack(data), nodes, shuffles: [...shuffles], broadcasts: [...broadcasts] };
}

/** What one task of the stage is told, beside what they are all told. */
export function ownDataOf(
  { nodes, shuffles }: Pick<StagePlan, 'nodes' | 'shuffles'>,
  partition: number,
  broadcasts: readonly BroadcastAt[],
): OwnData {
  const sources = nodes.flatMap(({ inputs, hosts }, node) => {
    const input = inputs?.[partition];
    return input === undefined ? [] : [{ node, input, hosts: [...(hosts?.[partition] ?? [])] }];
  });
  return {
    partition,
    sources,
    shuffles: shuffles.map(placesOf),
    broadcasts: [...broadcasts],
  };
}

function callOf(step: Step): Call | undefined {
  return 'call' in step ? step.call : undefined;
}

function note(argument: Argument, broadcasts: Set<number>): void {
  if (argument.type === 'broadcast') broadcasts.add(argument.id);
}

/** All that narrow dependencies lead to, each after what it is made of. No recursion: a lineage may be long. */
function inOrder(node: LineageNode): readonly LineageNode[] {
  const done = new Set<LineageNode>();
  const stack = [node];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const open = top.dependencies.flatMap((dependency) =>
      dependency.type === 'narrow' && !done.has(dependency.on) ? [dependency.on] : [],
    );
    if (open.length > 0) stack.push(...open);
    else {
      done.add(top);
      stack.pop();
    }
  }
  return [...done];
}

function placesOf(outputs: MapOutputs): MapOutputsAt {
  const numbers = new Map<string, number>();
  const places = Int32Array.from(outputs.hosts(), (host) => {
    if (host === undefined) return -1;
    const number = numbers.get(host) ?? numbers.size;
    numbers.set(host, number);
    return number;
  });
  return { shuffle: outputs.shuffle.id, hosts: [...numbers.keys()], places };
}
