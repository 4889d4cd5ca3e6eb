import type { Floor } from '../floor.ts'
import type { Metric } from '../metric.ts'
import type { ColumnKind, DecidingMetricKind } from '../metric-kind.ts'
import { metrics, type AnyDecidingMetric, type AnyMetric, type DecidingMetric, type MetricName } from './list.ts'

const byName: ReadonlyMap<string, AnyMetric> = new Map(metrics.map((metric) => [metric.name, metric]))

/** The metrics of a kind of column: the first that decides it, then the others as listed. */
export function metricsOf(kind: 'number' | 'category'): readonly AnyMetric[] {
  const measured = metrics.filter(({ measure }) => measure[kind] !== undefined)
  const leading = measured.find((metric) => decides(metric, kind))
  return leading === undefined ? measured : [leading, ...measured.filter((metric) => metric !== leading)]
}

/** The metrics on which a verdict can rest, as listed. */
export const decidingMetrics: readonly AnyDecidingMetric[] = metrics.filter(isDeciding)

/** The floors of a policy that sets none. The compiler does not infer the names of an object that is made from a list. */
export const DEFAULT_FLOORS = Object.fromEntries(
  decidingMetrics.map(({ name, decides: { floor } }) => [name, floor]),
) as Readonly<Record<DecidingMetric, Floor>>

/** A measured metric on which a verdict can rest. */
export type DecidingResult = Metric & { readonly metric: DecidingMetric }

/** Those of a column's metrics that decide it. */
export function decidingResults(results: readonly Metric[], kind: ColumnKind): readonly DecidingResult[] {
  return results.filter((result): result is DecidingResult => decides(byName.get(result.metric), kind))
}

/** Those of a column's metrics whose p it has. */
export function testedResults(results: readonly Metric[], kind: ColumnKind): readonly Metric[] {
  return results.filter(({ metric }) => byName.get(metric)?.tests?.includes(kind) === true)
}

/** Whether a metric grows with the square of a small change. */
export function isSquared(name: DecidingMetric): boolean {
  const metric: DecidingMetricKind | undefined = decidingMetrics.find((one) => one.name === name)
  return metric?.decides.squared === true
}

/** A metric's name as people write it. */
export function metricWord(name: MetricName): string {
  return byName.get(name)?.word ?? name
}

/** The unit whose millionths a metric made of sums is rounded to, in terms of the column's own; null: made of counts. */
export function summedUnit(name: MetricName, columnUnit: number): number | null {
  const metric = byName.get(name)
  if (metric?.madeOf !== 'sums') return null
  return metric.unit === 'column' ? columnUnit : 1
}

function isDeciding(metric: AnyMetric): metric is AnyDecidingMetric {
  return metric.decides !== undefined
}

function decides(metric: AnyMetric | undefined, kind: ColumnKind): boolean {
  return metric?.decides?.kinds.includes(kind) === true
}
