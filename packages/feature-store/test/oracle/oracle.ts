import type { FeaturePlan } from '../../src/plan/feature-plan.ts'
import type { DimensionPlan } from '../../src/plan/source-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { AttributePlan } from '../../src/vocabulary/features/foreign.ts'
import type { Answer } from './exact/agree.ts'
import { compare, type Value, type Row } from './row.ts'
import { valueOf, DAY, type OracleMart, type KnownSource, type KnownFeature, type Answers } from './mart.ts'
import { calendar } from './clock.ts'
import { passes, evaluate } from './expression.ts'
import { withComputed, time, plansOf, factsOf } from './events.ts'
import { windowed, newestAnchor } from './windows.ts'
import { lookedUp } from './lookups.ts'
import { standing, everybodyAt } from './standings.ts'

export function featureRow(mart: OracleMart, view: ViewPlan, key: Row, T: number): Answers | null {
  const source = view.source as KnownSource
  const facts = source?.kind === 'fact' ? withComputed(source, plansOf(view), factsOf(mart, view, key, T)) : []
  const population = view.population ?? (source?.kind === 'dimension' ? source : null)
  if (population !== null) {
    if (validRow(mart, population, key, T) === null) return null
  } else if (view.source?.kind === 'fact' && facts.length === 0) return null
  const answers: Record<string, Value | Answer> = {}
  const row: Record<string, Value> = {}
  for (const feature of view.features) {
    const answer = featureAnswer(mart, view, feature, facts, key, T, row)
    answers[feature.name] = answer
    row[feature.name] = valueOf(answer)
  }
  return answers
}

function featureAnswer(
  mart: OracleMart,
  view: ViewPlan,
  given: FeaturePlan,
  facts: readonly Row[],
  key: Row,
  T: number,
  row: Row,
): Value | Answer {
  const feature = given as KnownFeature
  switch (feature.kind) {
    case 'aggregate':
      return windowed(feature.aggregate, feature.window, facts, { mart, view, key, T })
    case 'age': {
      const times = facts.filter((fact) => passes(feature.where, fact)).map((fact) => time(fact, '~us'))
      return times.length === 0 ? null : (T - Math.max(...times)) / DAY
    }
    case 'anchorAge': {
      const newest = newestAnchor(feature.anchor, { mart, view, key, T })
      return newest === null ? null : (T - newest) / DAY
    }
    case 'attribute':
      return validRow(mart, feature.dimension, key, T)?.[feature.column] ?? null
    case 'derived':
      return evaluate(feature.expression, { ...row, '~T': T })
    case 'standing':
      return standing(
        feature,
        key,
        row,
        everybodyAt(mart, view, T, (plain, other) => featureRow(mart, plain, other, T)),
      )
    case 'calendar':
      return calendar(feature.part, T, view.grid.zone)
    case 'foreign':
      return foreign(mart, [...feature.via, feature], key, T)
    case 'lookup':
      return lookedUp(mart, view, feature, T)
    case 'column':
      throw new Error('precomputed rows have an oracle of their own')
  }
}

/** The attribute at the end of a path; those before are each the key of the next one's entity. */
function foreign(mart: OracleMart, path: readonly AttributePlan[], key: Row, T: number): Value {
  let value: Value = null
  for (const [i, { dimension, column }] of path.entries()) {
    const own: Row = i === 0 ? key : { [dimension.entity.keys[0]?.name ?? '']: value }
    value = validRow(mart, dimension, own, T)?.[column] ?? null
    if (value === null) return null
  }
  return value
}

/**
 * Of the dimension's rows of the entity whose interval contains T the one that begins last, then ends last, then has
 * the greatest values.
 */
function validRow(mart: OracleMart, dimension: DimensionPlan, key: Row, T: number): Row | null {
  const rows = (mart.tables[dimension.table] ?? []).filter((row) =>
    dimension.entity.keys.every(
      ({ name }) => row[dimension.keyColumns?.[dimension.entity.name]?.[name] ?? name] === key[name],
    ),
  )
  const { validFrom, validTo } = dimension
  const others = dimension.columns.map(({ name }) => name).filter((name) => name !== validFrom && name !== validTo)
  const end = (row: Row): Value => (validTo === null ? undefined : row[validTo]) ?? Infinity
  const order = (a: Row, b: Row): number => {
    const begins = validFrom === null ? 0 : compare(time(a, validFrom), time(b, validFrom)) || compare(end(a), end(b))
    return begins || others.reduce((so, name) => so || compare(a[name] ?? null, b[name] ?? null), 0)
  }
  return (
    rows
      .filter((row) => validFrom === null || (time(row, validFrom) <= T && compare(T, end(row)) < 0))
      .toSorted(order)
      .at(-1) ?? null
  )
}
