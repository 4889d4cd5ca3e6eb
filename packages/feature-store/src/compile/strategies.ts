import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../plan/source-plan.ts'
import { anyDoubt, DOUBT } from '../vocabulary/algebra/rounding.ts'
import { withCare } from './careful/careful-values.ts'
import { frequent } from './joins/frequent.ts'
import { near } from './joins/near.ts'
import { overlaps } from './joins/overlaps.ts'
import { plain } from './joins/plain.ts'
import { scan } from './scan/scan.ts'
import { logs } from './logs/logs.ts'
import type { Scope } from './scope.ts'
import type { Strategy, ViewValues } from './strategy.ts'
import type { TemporaryTable } from './temporary-tables.ts'
import { tiles } from './tiles/tiles.ts'
import { isRounded, orEmpty, type WindowFeature } from './window-feature.ts'

/**
 * Every way to compute features of events: first what only one of them can, then the cheapest first; the last one answers
 * everything else.
 */
export const strategies: readonly Strategy[] = [frequent, overlaps, scan, tiles, logs, near, plain]

/** Whether all features are computed without a table of points: from tiles on every boundary, or by a scan. */
export function findsPoints(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): boolean {
  return choose(scope, events, features).every(
    ({ strategy }) => strategy === scan || (strategy === tiles && scope.lookup === 'dense'),
  )
}

/**
 * `(e, t, features)` for every point whose entity has an event before it: each feature by the first strategy that
 * answers it, and again where rounding may have spoiled it.
 */
export function windowValues(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): ViewValues {
  return withCare(scope, events, features, fastValues(scope, events, features))
}

/** `(e, t, features)`, with a column that says which rows must be computed again if any feature is rounded. */
function fastValues(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): ViewValues {
  const chosen = choose(scope, events, features)
  const base = chosen.find(({ strategy }) => strategy.present === undefined) ?? chosen[0]
  if (base === undefined) throw new Error(`no strategy computes view ${scope.view.name}`)
  const made = base.strategy.values(scope, events, base.features)
  if (chosen.length === 1) return made
  return joined(
    scope,
    events,
    features,
    { ...base, made },
    chosen.filter((one) => one !== base),
  )
}

interface Share {
  readonly strategy: Strategy
  readonly features: readonly WindowFeature[]
}

function choose(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): readonly Share[] {
  const applicable = strategies.filter((strategy) => strategy.applies(scope, events))
  const shares = applicable.map((strategy, i) => ({
    strategy,
    features: features.filter(
      (feature) => applicable.findIndex((candidate) => candidate.answers(scope, feature)) === i,
    ),
  }))
  return features.length === 0 ? shares.slice(0, 1) : shares.filter((share) => share.features.length > 0)
}

/**
 * Joins what several strategies compute; those that have all rows first, those with rows only where there is
 * something last.
 */
function joined(
  scope: Scope,
  events: EventsPlan,
  features: readonly WindowFeature[],
  base: Share & { readonly made: ViewValues },
  others: readonly Share[],
): ViewValues {
  const tables: TemporaryTable[] = [...base.made.tables]
  const joins: Sql[] = []
  const values = new Map<WindowFeature, Sql>(base.features.map((feature) => [feature, sql.id('l', feature.name)]))
  const order = others.toSorted(
    (a, b) => Number(a.strategy.present !== undefined) - Number(b.strategy.present !== undefined),
  )
  for (const [i, { strategy, features: own }] of order.entries()) {
    const alias = aliasOf(i)
    const same = sql`${sql.id(alias, 'e')} = l.e AND ${sql.id(alias, 't')} = l.t`
    if (strategy.present === undefined) {
      const { tables: more, values: rows } = strategy.values(scope, events, own)
      tables.push(...more)
      joins.push(sql` JOIN (${rows}) ${sql.id(alias)} ON ${same}`)
      for (const feature of own) values.set(feature, sql.id(alias, feature.name))
    } else {
      joins.push(sql` LEFT JOIN (${strategy.present(scope, events, own)}) ${sql.id(alias)} ON ${same}`)
      for (const feature of own) values.set(feature, orEmpty(feature, sql.id(alias, feature.name), sql.id(alias, 'e')))
    }
  }
  const doubts = [
    ...(base.features.some((one) => isRounded(events, one)) ? [sql.id('l', DOUBT)] : []),
    ...order.flatMap(({ features: own }, i) =>
      own.some((one) => isRounded(events, one)) ? [sql.id(aliasOf(i), DOUBT)] : [],
    ),
  ]
  const doubt = doubts.length === 0 ? [] : [sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`]
  const names = features.map((feature) => sql`${values.get(feature) ?? sql`NULL`} AS ${sql.id(feature.name)}`)
  return {
    tables,
    values: sql`
      SELECT ${sql.join([sql`l.e AS e`, sql`l.t AS t`, ...names, ...doubt])}
      FROM (${base.made.values}) l${sql.join(joins, sql``)}
    `,
  }
}

function aliasOf(i: number): string {
  return `m${i}`
}
