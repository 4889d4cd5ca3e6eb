import type { DecidingMetricKind } from '../metric-kind.ts'
import { chiSquare } from './chi-square.ts'
import { hellinger } from './hellinger.ts'
import { jsDistance } from './js-distance.ts'
import { kl } from './kl.ts'
import { ks } from './ks.ts'
import { lInfinity } from './l-infinity.ts'
import { psi } from './psi.ts'
import { totalVariation } from './total-variation.ts'
import { wassersteinRobust } from './wasserstein-robust.ts'
import { wassersteinStd } from './wasserstein-std.ts'
import { wasserstein } from './wasserstein.ts'

/** Every metric by its type; the names of results and policies come from here. */
export type AnyMetric =
  | typeof chiSquare
  | typeof psi
  | typeof wassersteinRobust
  | typeof wassersteinStd
  | typeof wasserstein
  | typeof ks
  | typeof jsDistance
  | typeof totalVariation
  | typeof lInfinity
  | typeof hellinger
  | typeof kl

/** Every metric. Results list them in this order, after the first one that decides the column. */
export const metrics: readonly AnyMetric[] = [
  chiSquare,
  psi,
  wassersteinRobust,
  wassersteinStd,
  wasserstein,
  ks,
  jsDistance,
  totalVariation,
  lInfinity,
  hellinger,
  kl,
]

/** The name of a metric. */
export type MetricName = AnyMetric['name']

/** A metric on which a verdict can rest. */
export type AnyDecidingMetric = Extract<AnyMetric, DecidingMetricKind>

/** The name of a metric on which a verdict can rest. */
export type DecidingMetric = AnyDecidingMetric['name']
