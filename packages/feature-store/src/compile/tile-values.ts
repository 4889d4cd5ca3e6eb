import { duckDbLeaves, sql, type Sql } from '@martlet/warehouse'
import type { AggregatePlan, RatioPlan, WindowFeature } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { distinctTerms, distinctTiles, type DistinctWindow } from './distinct-sql.ts'
import { emptyValue } from './empty-value.ts'
import { lowBoundary, tileOf } from './events-sql.ts'
import { grainOf } from './grain.ts'
import { rankedRows, type RowsGroup } from './last-rows-sql.ts'
import { lookupSql } from './lookup.ts'
import { centreTiles, lookupTerms, momentTiles } from './moment-tiles.ts'
import type { Moment } from './moments.ts'
import { storedTiles } from './stored-tiles.ts'
import { boundary, createTable, onGrid, timeOfBoundary, type Scope, type ViewValues } from './scope.ts'
import { TermSet } from './terms.ts'
import { ageValue, columnType, windowValue, type TileWindow } from './window-value.ts'

/** Window features from tiles: one row `(e, t, features)` for each boundary looked up. */
export function tileValues(scope: Scope, fact: FactPlan, features: readonly WindowFeature[]): ViewValues {
  const compiler = new TileCompiler(scope, fact)
  const columns = features.map(
    (feature) => sql`${emptyValue(feature, compiler.value(feature))} AS ${sql.id(feature.name)}`,
  )
  return compiler.assemble(columns)
}

/** The moments that tiles of a view's fact must hold. */
export function tileMomentsOf(view: ViewPlan): readonly Moment[] {
  if (view.source?.kind !== 'fact') return []
  const scope: Scope = {
    leaves: duckDbLeaves,
    view,
    prefix: '',
    entities: '',
    grain: grainOf(view),
    first: 0n,
    last: 0n,
    lookup: 'dense',
    arrivals: 'logs',
    fewEntities: false,
    instants: undefined,
    moments: undefined,
  }
  const compiler = new TileCompiler(scope, view.source)
  for (const feature of view.features)
    if (feature.kind === 'aggregate' || feature.kind === 'age') compiler.value(feature)
  return compiler.moments
}

/** Sorts the aggregates of a view into its three kinds of tiles and joins what is looked up from each. */
class TileCompiler {
  readonly #scope: Scope
  readonly #fact: FactPlan
  readonly #terms = new TermSet()
  readonly #distinct: DistinctWindow[] = []
  readonly #rows = new Map<
    string,
    { readonly id: string; readonly group: RowsGroup; readonly features: RowsGroup['features'][number][] }
  >()

  constructor(scope: Scope, fact: FactPlan) {
    this.#scope = scope
    this.#fact = fact
    this.#terms.running('count', this.#terms.input(null, null, 'integer'), 0)
  }

  value(feature: WindowFeature): Sql {
    if (feature.kind === 'age')
      return ageValue(this.#scope.leaves, this.#terms, this.#terms.input(null, feature.where, 'integer'))
    const { aggregate, window } = feature
    if (window.kind === 'rows') return this.#lastRows(aggregate, window.rows)
    return this.#window(aggregate, window)
  }

  #window(aggregate: AggregatePlan | RatioPlan, window: TileWindow): Sql {
    const { leaves, grain } = this.#scope
    if (aggregate.function === 'ratio')
      return leaves.divide(this.#window(aggregate.numerator, window), this.#window(aggregate.denominator, window))
    if (aggregate.function !== 'distinct') return windowValue(leaves, this.#terms, this.#fact, aggregate, window, grain)
    const input = this.#terms.input(aggregate.column, aggregate.where, columnType(this.#fact, aggregate.column))
    const time = window.kind === 'time'
    const one: DistinctWindow = {
      id: `distinct${this.#distinct.length}`,
      input,
      width: time ? window.length / grain : null,
      shift: time ? window.shift / grain : 0,
    }
    this.#distinct.push(one)
    return sql`COALESCE(${sql.id('d', `${one.id}_count`)}, 0)`
  }

  #lastRows(aggregate: AggregatePlan | RatioPlan, rows: number): Sql {
    if (aggregate.function === 'ratio')
      return this.#scope.leaves.divide(
        this.#lastRows(aggregate.numerator, rows),
        this.#lastRows(aggregate.denominator, rows),
      )
    const name = JSON.stringify([aggregate.column, aggregate.where])
    const known = this.#rows.get(name)
    const features = known?.features ?? []
    const id = known?.id ?? `rows${this.#rows.size}`
    const input = {
      id: 'x',
      column: aggregate.column,
      where: aggregate.where,
      type: columnType(this.#fact, aggregate.column),
    }
    if (known === undefined) this.#rows.set(name, { id, group: { id, input, features }, features })
    const feature = { id: `f${features.length}`, function: aggregate.function, rows }
    features.push(feature)
    const value = sql.id(id, feature.id)
    return aggregate.function === 'count' || aggregate.function === 'sum' || aggregate.function === 'distinct'
      ? sql`COALESCE(${value}, 0)`
      : value
  }

  get moments(): readonly Moment[] {
    return this.#terms.tileMoments
  }

  assemble(columns: readonly Sql[]): ViewValues {
    const scope = this.#scope
    const tile = this.#table('tile')
    const tiles =
      scope.moments === undefined
        ? momentTiles(scope, this.#fact, this.#terms)
        : storedTiles(scope, scope.moments, this.#terms.tileMoments, lowBoundary(scope, this.#terms.reach))
    const prepare = [createTable(tile, tiles)]
    const joins: Sql[] = []
    if (this.#distinct.length > 0) {
      const log = this.#table('distinct')
      prepare.push(createTable(log, distinctTiles(scope, this.#fact, this.#distinct)))
      joins.push(
        sql` LEFT JOIN (${lookupSql(scope, sql`SELECT * FROM ${log}`, distinctTerms(this.#distinct))}) d ON d.e = a.e AND d.j = a.j`,
      )
    }
    for (const { id, group } of this.#rows.values()) {
      const ranked = this.#table(id)
      prepare.push(createTable(ranked, rankedRows(scope, this.#fact, group)))
      const low = boundary(scope, scope.first)
      const tiles = sql`
        SELECT e, ${tileOf(scope, sql`us`, low)} AS j, MAX(ordinal) AS ordinal
        FROM ${ranked}
        GROUP BY 1, 2
      `
      const found = lookupSql(scope, tiles, [
        { kind: 'running', id: 'place', column: { id: 'ordinal', merge: 'max' }, offset: 0 },
      ])
      const place = sql.id(`${id}_at`)
      joins.push(
        sql` LEFT JOIN (${found}) ${place} ON ${place}.e = a.e AND ${place}.j = a.j LEFT JOIN ${ranked} ${sql.id(id)} ON ${sql.id(id, 'e')} = a.e AND ${sql.id(id, 'ordinal')} = ${place}.place`,
      )
    }
    const main = lookupSql(scope, centreTiles(scope.leaves, tile, this.#terms), lookupTerms(this.#terms))
    const at = onGrid(scope, sql`SELECT *, ${timeOfBoundary(scope, sql`j`)} AS t FROM (${main}) boundaries`)
    return {
      prepare,
      values: sql`
        SELECT ${sql.join([sql`a.e AS e`, sql`a.t AS t`, ...columns])}
        FROM (${at}) a${sql.join(joins, sql``)}
      `,
    }
  }

  #table(name: string): Sql {
    return sql.id(`${this.#scope.prefix}_${name}`)
  }
}
