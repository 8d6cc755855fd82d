/** Records for tests. */
import type { MetricRecord } from './metricRecord.ts';

export const MACHINE: MetricRecord['machine'] = {
  cpuModel: 'Test CPU',
  cores: 2,
  memoryBytes: 24 * 1024 ** 3,
  kernel: 'Linux 6.1',
  nodeVersion: 'v24.1.0',
};

/** The record of the n-th commit, a day after the one before it. */
export function recordOf(n: number, value: number, parts: Partial<MetricRecord> = {}): MetricRecord {
  const day = String(1 + (n % 28)).padStart(2, '0');
  const month = String(1 + Math.floor(n / 28)).padStart(2, '0');
  const at = `2026-${month}-${day}T12:00:00Z`;
  return {
    schemaVersion: 1,
    metric: 'launch/us-per-launch',
    unit: 'µs',
    better: 'lower',
    value,
    interval: [value * 0.99, value * 1.01],
    n: 5,
    commit: n.toString(16).padStart(40, '0'),
    subject: `Change ${n}`,
    committedAt: at,
    measuredAt: at,
    machine: MACHINE,
    ...parts,
  };
}
