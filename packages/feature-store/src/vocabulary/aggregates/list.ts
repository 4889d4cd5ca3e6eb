import { correlation, type Correlation } from './correlation.ts'
import { count, type Count } from './count.ts'
import { decayed, type Decayed } from './decayed.ts'
import { distinct, type Distinct } from './distinct.ts'
import { first, type First } from './first.ts'
import { last, type Last } from './last.ts'
import { max, type Max } from './max.ts'
import { mean, type Mean } from './mean.ts'
import { median, type Median } from './median.ts'
import { min, type Min } from './min.ts'
import { mostFrequent, type MostFrequent } from './most-frequent.ts'
import { overlap, type Overlap } from './overlap.ts'
import { percentile, type Percentile } from './percentile.ts'
import { slope, type Slope } from './slope.ts'
import { stddev, type Stddev } from './stddev.ts'
import { sum, type Sum } from './sum.ts'
import { variance, type Variance } from './variance.ts'
import type { AggregateKind } from './aggregate-kind.ts'

/** Every aggregate that a view can name. */
export const aggregates: readonly AggregateKind[] = [
  count,
  sum,
  mean,
  min,
  max,
  stddev,
  variance,
  first,
  last,
  distinct,
  slope,
  correlation,
  percentile,
  median,
  mostFrequent,
  decayed,
  overlap,
]

/** The methods of `f`, one for each aggregate above. */
export type AggregateWords<R> = Count<R> &
  Sum<R> &
  Mean<R> &
  Min<R> &
  Max<R> &
  Stddev<R> &
  Variance<R> &
  First<R> &
  Last<R> &
  Distinct<R> &
  Slope<R> &
  Correlation<R> &
  Percentile<R> &
  Median<R> &
  MostFrequent<R> &
  Decayed<R> &
  Overlap<R>

const byName = new Map(aggregates.map((one) => [one.name, one]))

export function aggregateKind(name: string): AggregateKind {
  const kind = byName.get(name)
  if (kind === undefined) throw new Error(`there is no aggregate ${name}`)
  return kind
}
