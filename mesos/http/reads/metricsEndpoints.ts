/** `/metrics/snapshot`, the metrics as JSON, and `/metrics`, the same as Prometheus reads it (text format 0.0.4). Standbys have them too. */
import { requireGet } from '../calls.ts';
import { type Endpoint, Refusal, type Request } from '../exchange.ts';
import { type Archive, jsonAnswer, packedAnswer } from './document.ts';
import { quoted } from './jsonText.ts';
import { type MetricsSource, metricFamilies, type Sample } from './metrics.ts';
import type { Production } from './sheet.ts';

/** The endpoints, by path. */
export function metricsEndpoints(
  { press }: Archive,
  source: () => MetricsSource,
): readonly (readonly [string, Endpoint])[] {
  const keyOf = ({ path }: Request): string => `${source().window?.info.id ?? ''} ${path}`;
  return [
    [
      '/metrics/snapshot',
      (request) => {
        requireGet(request);
        checkTimeout(request.query.get('timeout'));
        return jsonAnswer(request, press, keyOf(request), (sheet) => snapshot(source())(sheet));
      },
    ],
    [
      '/metrics',
      (request) => {
        requireGet(request);
        const contentType = 'text/plain; version=0.0.4; charset=utf-8';
        return packedAnswer(
          request,
          press,
          keyOf(request),
          (sheet) => exposition(source())(sheet),
          contentType,
        );
      },
    ],
  ];
}

/** All metrics are there at once: how long one would wait for them makes no difference. */
function checkTimeout(timeout: string | null): void {
  if (timeout !== null && !/^\d+(\.\d+)?(ns|us|ms|secs|mins|hrs|days|weeks)$/.test(timeout))
    throw new Refusal(400, "'timeout' must be a time such as 500ms or 5secs");
}

function snapshot(source: MetricsSource): Production {
  return function* (sheet) {
    let separator = '{';
    for (const { samples } of metricFamilies(source))
      for (const { name, value } of samples()) {
        sheet.write(`${separator}${quoted(name)}:${value}`);
        separator = ',';
        if (sheet.isFull) yield;
      }
    sheet.write('}');
  };
}

function exposition(source: MetricsSource): Production {
  return function* (sheet) {
    for (const { name, kind, samples } of metricFamilies(source)) {
      const own = `mesos_${name.replace(/[^a-zA-Z0-9]+/g, '_')}${kind === 'counter' ? '_total' : ''}`;
      sheet.write(`# HELP ${own} ${name} of Apache Mesos\n# TYPE ${own} ${kind}\n`);
      for (const sample of samples()) {
        sheet.writeText(`${own}${labels(sample)} ${sample.value}\n`);
        if (sheet.isFull) yield;
      }
    }
  };
}

function labels({ labels: given }: Sample): string {
  const pairs = Object.entries(given).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (unit) => (unit === '\n' ? '\\n' : `\\${unit}`));
}
