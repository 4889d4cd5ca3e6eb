import type { FeaturePlan } from '../../src/plan/feature-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { AttributePlan } from '../../src/vocabulary/features/foreign.ts'
import type { Answer } from './exact/agree.ts'
import type { Value, Row } from './row.ts'
import { validRow } from './dimension.ts'
import { valueOf, DAY, type OracleMart, type KnownSource, type KnownFeature, type Answers } from './mart.ts'
import { calendar } from './clock.ts'
import { closedAt } from './closing.ts'
import { passes, evaluate } from './expression.ts'
import { withComputed, time, plansOf, factsOf } from './events.ts'
import { windowed, newestAnchor } from './windows.ts'
import { lookedUp } from './lookups.ts'
import { standing, everybodyAt } from './standings.ts'
import { viewedRow } from './views.ts'

export function featureRow(mart: OracleMart, view: ViewPlan, key: Row, T: number): Answers | null {
  const source = view.source as KnownSource
  const facts = source?.kind === 'fact' ? withComputed(source, plansOf(view), factsOf(mart, view, key, T)) : []
  const population = view.population ?? (source?.kind === 'dimension' ? source : null)
  if (population !== null) {
    if (validRow(mart, population, valuesOf(view, key), T) === null) return null
  } else if (view.source?.kind === 'fact' && facts.length === 0) return null
  const seen =
    source?.kind === 'views'
      ? viewedRow(mart, view, source, { key, T }, (read, one, at) => featureRow(mart, read, one, at))
      : {}
  if (seen === null) return null
  const answers: Record<string, Value | Answer> = {}
  const row: Record<string, Value> = {}
  for (const feature of view.features) {
    const answer = featureAnswer(mart, view, feature, { facts, seen }, key, T, row)
    answers[feature.name] = answer
    row[feature.name] = valueOf(answer)
  }
  return answers
}

function featureAnswer(
  mart: OracleMart,
  view: ViewPlan,
  given: FeaturePlan,
  { facts, seen }: { readonly facts: readonly Row[]; readonly seen: Row },
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
      return validRow(mart, feature.dimension, valuesOf(view, key), T)?.[feature.column] ?? null
    case 'viewed':
      return evaluate(feature.expression, { ...seen, '~T': T })
    case 'derived':
      return evaluate(feature.expression, { ...row, '~T': closedAt(mart, view, T) })
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
      return foreign(mart, [...feature.via, feature], valuesOf(view, key), T)
    case 'lookup':
      return lookedUp(mart, view, feature, T)
    case 'column':
      throw new Error('precomputed rows have an oracle of their own')
  }
}

/** An entity's key, in the order of its columns. */
function valuesOf({ entity }: ViewPlan, key: Row): readonly Value[] {
  return entity.keys.map(({ name }) => key[name] ?? null)
}

/** The attribute at the end of a path; those before are each the key of the next one's entity. */
function foreign(mart: OracleMart, path: readonly AttributePlan[], own: readonly Value[], T: number): Value {
  let key = own
  let value: Value = null
  for (const { dimension, column } of path) {
    value = validRow(mart, dimension, key, T)?.[column] ?? null
    if (value === null) return null
    key = [value]
  }
  return value
}
