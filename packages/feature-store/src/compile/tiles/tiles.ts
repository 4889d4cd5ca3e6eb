import { sql, type Sql } from '@martlet/warehouse'
import type { Micros, WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { anyDoubt, DOUBT } from '../../vocabulary/algebra/rounding.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { WindowMoments, type Span } from '../../vocabulary/algebra/window-moments.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { lowBoundary, tileOf } from '../events.ts'
import { doubtId, rankedRows, type RankedRows } from '../rows/ranked-rows.ts'
import { boundary, onGrid, pointTable, timeOfBoundary, type Scope } from '../scope.ts'
import type { Strategy, ViewValues } from '../strategy.ts'
import type { TemporaryTable } from '../temporary-tables.ts'
import { inputOf, namedInput, roundingOf, type WindowFeature } from '../window-feature.ts'
import { distinctTerms, distinctTiles, type DistinctWindow } from './distinct-changes.ts'
import { lookupSql } from './lookup.ts'
import { deriveTiles, entityCentreNames, entityCentres, lookupTerms, momentTiles } from './moment-tiles.ts'
import { storedTiles } from './stored-tiles.ts'

/** Events grouped into tiles once; every window is then looked up in running moments, change logs and ranked rows. */
export const tiles: Strategy = {
  name: 'tiles',
  applies: (scope, events) => scope.lookup !== 'direct' && events.knownAt === null,
  answers: (scope, { parts }) => parts.every((part) => isMerged(scope, part)),
  values: (scope, events, features) => {
    const plan = new TilePlan(scope, events)
    const columns = features.map((feature) => sql`${plan.value(feature)} AS ${sql.id(feature.name)}`)
    const doubts = features.flatMap((feature) => plan.doubts(feature))
    return plan.assemble(doubts.length === 0 ? columns : [...columns, sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`])
  },
}

function isMerged({ grain }: Scope, { kind, window }: WindowedAggregate): boolean {
  const { span, rows } = windowKind(window)
  const lies = span?.(window, grain)
  return kind.merged !== undefined && ((lies !== undefined && lies.hop === undefined) || rows !== undefined)
}

/** Sorts the aggregates of a view into its three kinds of tiles and joins what is looked up from each. */
class TilePlan {
  readonly #scope: Scope
  readonly #events: EventsPlan
  readonly #terms = new TermSet()
  readonly #distinct: DistinctWindow[] = []
  readonly #ranked = new Map<string, RankedRows & { readonly values: RankedRows['values'][number][] }>()

  constructor(scope: Scope, events: EventsPlan) {
    this.#scope = scope
    this.#events = events
  }

  value({ parts, combine }: WindowFeature): Sql {
    const values = parts.map((part) => {
      const count = rowsOf(part)
      return count === undefined ? this.#window(part) : this.#newestRows(part, count).value
    })
    return combine(this.#scope.leaves, values)
  }

  /** Whether rounding may have spoiled the parts of a feature, of those that are rounded. */
  doubts({ parts }: WindowFeature): readonly Sql[] {
    return parts.flatMap((part) => {
      if (roundingOf(this.#events, part) === undefined) return []
      const count = rowsOf(part)
      if (count !== undefined) return this.#newestRows(part, count).doubt ?? []
      const { merged } = part.kind
      return merged?.by === 'moments' ? (merged.doubt?.(this.#moments(part)) ?? []) : []
    })
  }

  #moments({ plan, window }: WindowedAggregate): WindowMoments {
    const { leaves, grain } = this.#scope
    const input = inputOf(this.#terms, this.#events, plan)
    return new WindowMoments(leaves, this.#terms, input, spanOf(window, grain), grain)
  }

  #window(part: WindowedAggregate): Sql {
    const { merged } = part.kind
    if (merged?.by === 'moments') return merged.value(this.#moments(part))
    const input = inputOf(this.#terms, this.#events, part.plan)
    const span = spanOf(part.window, this.#scope.grain)
    const one: DistinctWindow = { id: `distinct${this.#distinct.length}`, input, ...span }
    this.#distinct.push(one)
    return sql`COALESCE(${sql.id('d', `${one.id}_count`)}, 0)`
  }

  #newestRows(part: WindowedAggregate, rows: number): { readonly value: Sql; readonly doubt: Sql | undefined } {
    const { kind, plan } = part
    const { column, where } = plan
    const name = JSON.stringify([column, where])
    const input = namedInput('x', this.#events, plan)
    const group = this.#ranked.get(name) ?? { id: `rows${this.#ranked.size}`, input, values: [] }
    this.#ranked.set(name, group)
    let one = group.values.find((known) => known.kind === kind && known.rows === rows)
    if (one === undefined) {
      one = { id: `f${group.values.length}`, kind, rows, rounding: roundingOf(this.#events, part) }
      group.values.push(one)
    }
    const value = sql.id(group.id, one.id)
    return {
      value: kind.empty === 0 ? sql`CASE WHEN ${sql.id(group.id, 'e')} IS NULL THEN 0 ELSE ${value} END` : value,
      doubt: one.rounding === undefined ? undefined : sql.id(group.id, doubtId(one)),
    }
  }

  assemble(columns: readonly Sql[]): ViewValues {
    const scope = this.#scope
    // Without any term there would be no lookup, and so no rows.
    if (this.#terms.terms.length === 0) this.#terms.running('count', this.#terms.input(null, null, 'integer'), 0)
    const tile = this.#table('tile')
    const rows =
      scope.moments === undefined
        ? momentTiles(scope, this.#events, this.#terms)
        : storedTiles(scope, scope.moments, this.#terms.tileMoments, lowBoundary(scope, this.#terms.reach))
    const changes = this.#distinctChanges()
    const ranked = [...this.#ranked.values()].map((group) => this.#rankedRows(group))
    const centre = this.#table('centre')
    const centres = entityCentres(scope, tile, this.#terms)
    const main = lookupSql(scope, deriveTiles(scope, tile, centre, this.#terms), lookupTerms(this.#terms))
    const at = atPoints(scope, onGrid(scope, sql`SELECT *, ${timeOfBoundary(scope, sql`j`)} AS t FROM (${main}) rows_`))
    const known = centres === undefined ? at : withCentres(at, centre, entityCentreNames(scope, this.#terms))
    const others = [...changes, ...ranked]
    const joins = others.map(({ join }) => join)
    const knownTables = centres === undefined ? [] : [{ name: centre, rows: centres }]
    return {
      tables: [{ name: tile, rows }, ...knownTables, ...others.map(({ table }) => table)],
      values: sql`
        SELECT ${sql.join([sql`a.e AS e`, sql`a.t AS t`, ...columns])}
        FROM (${this.#terms.withValues(known)}) a${sql.join(joins, sql``)}
      `,
    }
  }

  #distinctChanges(): readonly Joined[] {
    if (this.#distinct.length === 0) return []
    const name = this.#table('distinct')
    const found = lookupSql(this.#scope, sql`SELECT * FROM ${name}`, distinctTerms(this.#distinct))
    return [
      {
        table: { name, rows: distinctTiles(this.#scope, this.#events, this.#distinct) },
        join: sql` LEFT JOIN (${found}) d ON d.e = a.e AND d.j = a.j`,
      },
    ]
  }

  #rankedRows(group: RankedRows): Joined {
    const scope = this.#scope
    const name = this.#table(group.id)
    const newest = sql`
      SELECT e, ${tileOf(scope, sql`us`, boundary(scope, scope.first))} AS j, MAX(ordinal) AS ordinal
      FROM ${name}
      GROUP BY 1, 2
    `
    const found = lookupSql(scope, newest, [
      { kind: 'running', id: 'place', column: { id: 'ordinal', merge: 'max' }, offset: 0 },
    ])
    const place = sql.id(`${group.id}_at`)
    const at = sql` LEFT JOIN (${found}) ${place} ON ${place}.e = a.e AND ${place}.j = a.j`
    const [e, ordinal] = [sql.id(group.id, 'e'), sql.id(group.id, 'ordinal')]
    return {
      table: { name, rows: rankedRows(scope, this.#events, group) },
      join: sql`${at} LEFT JOIN ${name} ${sql.id(group.id)} ON ${e} = a.e AND ${ordinal} = ${place}.place`,
    }
  }

  #table(name: string): Sql {
    return sql.id(`${this.#scope.prefix}_${name}`)
  }
}

/** Of the boundaries those that are wanted, where not every entity is wanted at every feature time. */
function atPoints(scope: Scope, boundaries: Sql): Sql {
  if (scope.points === 'every') return boundaries
  return sql`SELECT b.* FROM (${boundaries}) b JOIN ${pointTable(scope)} p ON p.e = b.e AND p.j = b.j`
}

function withCentres(rows: Sql, centres: Sql, names: readonly string[]): Sql {
  return sql`
    SELECT b.*, ${sql.join(names.map((name) => sql.id('c', name)))}
    FROM (${rows}) b
    JOIN ${centres} c ON c.e = b.e
  `
}

function rowsOf({ window }: WindowedAggregate): number | undefined {
  return windowKind(window).rows?.(window)
}

function spanOf(window: WindowPlan, grain: Micros): Span {
  const span = windowKind(window).span?.(window, grain)
  if (span === undefined) throw new Error(`a window of kind ${window.kind} does not lie on tiles`)
  return span
}

interface Joined {
  readonly table: TemporaryTable
  readonly join: Sql
}
