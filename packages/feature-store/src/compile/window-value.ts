import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { AggregatePlan, Micros, RatioPlan, WindowPlan } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import type { Input, MomentKind } from './moments.ts'
import type { TermSet } from './terms.ts'

const MICROS_PER_DAY = 86_400_000_000

export type TileWindow = Exclude<WindowPlan, { readonly kind: 'rows' }>

/** Where a window lies in tiles: the boundaries `shift` and `shift + width` tiles before T; width null: since ever. */
interface Span {
  readonly width: number | null
  readonly shift: number
}

/**
 * The value of an aggregate over a time or lifetime window, as an expression over terms.
 *
 * Invertible aggregates are differences of running moments at the window's two edges, so their cost does not depend
 * on its length. Extremes are merged over the window's tiles.
 */
export function windowValue(
  leaves: Leaves,
  terms: TermSet,
  fact: FactPlan,
  aggregate: AggregatePlan | RatioPlan,
  window: TileWindow,
  grain: Micros,
): Sql {
  if (aggregate.function === 'ratio') {
    return leaves.divide(
      windowValue(leaves, terms, fact, aggregate.numerator, window, grain),
      windowValue(leaves, terms, fact, aggregate.denominator, window, grain),
    )
  }
  const input = terms.input(aggregate.column, aggregate.where, columnType(fact, aggregate.column))
  const span: Span =
    window.kind === 'lifetime'
      ? { width: null, shift: 0 }
      : { width: window.length / grain, shift: window.shift / grain }
  const total = (kind: MomentKind): Sql => difference(terms, kind, input, span)
  switch (aggregate.function) {
    case 'count':
      return total('count')
    case 'sum':
      return sumValue(leaves, total, input)
    case 'mean': {
      const count = total('count')
      return sql`
        CASE
          WHEN ${count} = 0 THEN NULL
          ELSE ${leaves.toDouble(sumValue(leaves, total, input))} / ${count} END
      `
    }
    case 'min':
    case 'max':
      return span.width === null
        ? terms.running(aggregate.function, input, 0)
        : terms.frame(aggregate.function, input, span.width, span.shift)
    case 'variance':
      return varianceValue(leaves, terms, total, input, span)
    case 'stddev':
      return sql`SQRT(${varianceValue(leaves, terms, total, input, span)})`
    case 'last': {
      const value = terms.running('newest', input, span.shift)
      if (span.width === null) return value
      const edge = sql`(t - ${sql.lit((span.shift + span.width) * grain)})`
      return sql`CASE WHEN ${terms.running('newestTime', input, span.shift)} >= ${edge} THEN ${value} END`
    }
    case 'first':
      return span.width === null
        ? terms.running('oldest', input, 0)
        : terms.frame('oldest', input, span.width, span.shift)
    case 'slope':
      return slopeValue(leaves, total)
    case 'distinct':
      throw new Error('distinct is counted from a change log, not from moments')
  }
}

/** Days from the newest event to T. */
export function ageValue(leaves: Leaves, terms: TermSet, input: Input): Sql {
  return sql`(${leaves.toDouble(sql`t - ${terms.running('newestTime', input, 0)}`)} / ${sql.lit(MICROS_PER_DAY)})`
}

export function columnType(fact: FactPlan, column: string | null): Input['type'] {
  if (column === null) return 'integer'
  const found = fact.columns.find((candidate) => candidate.name === column)
  if (found === undefined) throw new Error(`fact ${fact.table} has no column ${column}`)
  return found.type
}

function difference(terms: TermSet, kind: MomentKind, input: Input, { width, shift }: Span): Sql {
  const near = sql`COALESCE(${terms.running(kind, input, shift)}, 0)`
  return width === null ? near : sql`(${near} - COALESCE(${terms.running(kind, input, shift + width)}, 0))`
}

function sumValue(leaves: Leaves, total: (kind: MomentKind) => Sql, input: Input): Sql {
  if (input.type !== 'double') return leaves.toDouble(total('sum'))
  return sql`CASE WHEN ${total('nonzero')} = 0 THEN 0 ELSE ${total('sum')} END`
}

function varianceValue(
  leaves: Leaves,
  terms: TermSet,
  total: (kind: MomentKind) => Sql,
  input: Input,
  span: Span,
): Sql {
  const count = total('count')
  const sum = total('centredSum')
  const variance = sql`(${total('centredSquares')} - ${sum} * ${sum} / ${count}) / (${count} - 1)`
  return sql`
    CASE
      WHEN ${count} < 2 THEN NULL
      WHEN ${allEqual(leaves, terms, total, input, span)} THEN 0
      ELSE ${leaves.greatest(sql`CAST(0 AS ${leaves.columnType('double')})`, variance)} END
  `
}

/** Whether all values of a window are equal, exactly: its extremes are, or n·Σl² = (Σl)² for the values' numbers l. */
function allEqual(
  leaves: Leaves,
  terms: TermSet,
  total: (kind: MomentKind) => Sql,
  input: Input,
  { width, shift }: Span,
): Sql {
  if (width === null) return sql`${terms.running('min', input, 0)} = ${terms.running('max', input, 0)}`
  if (terms.frames) return sql`${terms.frame('min', input, width, shift)} = ${terms.frame('max', input, width, shift)}`
  return sql`${leaves.toWide(total('count'))} * ${total('levelSquared')} = ${total('level')} * ${total('level')}`
}

/** Least-squares slope per day; times are exact integers, so equal times are seen as such. */
function slopeValue(leaves: Leaves, total: (kind: MomentKind) => Sql): Sql {
  return slopeOf(leaves, {
    count: total('count'),
    tau: total('tau'),
    tauSquared: total('tauSquared'),
    sum: total('centredSum'),
    valueTau: total('centredTau'),
  })
}

export interface SlopeSums {
  readonly count: Sql
  readonly tau: Sql
  readonly tauSquared: Sql
  readonly sum: Sql
  readonly valueTau: Sql
}

export function slopeOf(leaves: Leaves, { count, tau, tauSquared, sum, valueTau }: SlopeSums): Sql {
  const wide = leaves.toWide(count)
  const middle = leaves.wideQuotient(tau, wide)
  const rest = leaves.toDouble(sql`(${tau} - ${wide} * ${middle})`)
  const spread = sql`(${tauSquared} - 2 * ${middle} * ${tau} + ${wide} * ${middle} * ${middle})`
  const times = sql`(${leaves.toDouble(spread)} - ${rest} * ${rest} / ${count})`
  const products = sql`(${valueTau} - ${sum} * (${leaves.toDouble(tau)} / ${count}))`
  return sql`
    CASE
      WHEN ${count} < 2 OR ${spread} = 0 THEN NULL
      ELSE ${products} / ${times} * ${sql.lit(MICROS_PER_DAY)} END
  `
}
