import { sql, type Sql } from '@martlet/warehouse'
import { mergeOver, type Merge } from '../../vocabulary/algebra/moments.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { boundary, pointTable, type Scope } from '../scope.ts'

/** A tile column that is looked up, and how its tiles merge. */
export interface LookupColumn {
  readonly id: string
  readonly merge: Merge
}

/**
 * A value wanted at each boundary j: a column merged up to `j - offset`, or over the frame `(j - shift - width, j -
 * shift]`.
 */
export type LookupTerm =
  | { readonly kind: 'running'; readonly id: string; readonly column: LookupColumn; readonly offset: number }
  | {
      readonly kind: 'frame'
      readonly id: string
      readonly column: LookupColumn
      readonly width: number
      readonly shift: number
    }

/**
 * Turns tiles `(e, j, columns)` into `(e, j, terms)` at the boundaries wanted. Entities without any tile up to j have
 * no row.
 *
 * Dense: running moments are spread over every boundary, and a window's far edge is a row at a fixed distance (LAG).
 * Sparse: the points wanted are merged into the sorted tiles, one per edge, and one running pass answers them all.
 */
export function lookupSql(scope: Scope, tiles: Sql, terms: readonly LookupTerm[]): Sql {
  return scope.lookup === 'dense' ? denseLookup(scope, tiles, terms) : sparseLookup(scope, tiles, terms)
}

function columnsOf(terms: readonly LookupTerm[], kind: LookupTerm['kind']): readonly LookupColumn[] {
  return [...new Map(terms.filter((term) => term.kind === kind).map((term) => [term.column.id, term.column])).values()]
}

const order = sql`PARTITION BY e ORDER BY j`

function denseLookup(scope: Scope, tiles: Sql, terms: readonly LookupTerm[]): Sql {
  const { leaves } = scope
  const running = columnsOf(terms, 'running')
  const framed = columnsOf(terms, 'frame')
  const runName = (column: LookupColumn): Sql => sql.id(`${column.id}_run`)
  const summed = running.map(
    (column) =>
      sql`${mergeOver(leaves, column.merge, sql.id(column.id), sql`${order} ROWS UNBOUNDED PRECEDING`)} AS ${runName(column)}`,
  )
  const end = integer(boundary(scope, scope.last) + 1n)
  const next = sql`LEAD(j, 1, ${end}) OVER (${order}) AS next_tile`
  const sums = sql`
    SELECT ${sql.join([sql`e`, sql`j AS tile`, next, ...framed.map((column) => sql.id(column.id)), ...summed])}
    FROM (${tiles}) tiles
  `
  const own = framed.map(
    (column) => sql`CASE WHEN s.j = r.tile THEN ${sql.id('r', column.id)} END AS ${sql.id(column.id)}`,
  )
  const carried = running.map((column) => sql`${sql.id('r', `${column.id}_run`)} AS ${runName(column)}`)
  const spread = sql`
    SELECT ${sql.join([sql`r.e AS e`, sql`s.j AS j`, ...own, ...carried])}
    FROM (${sums}) r, ${leaves.series({ from: sql`r.tile`, to: sql`r.next_tile`, alias: 's', column: 'j' })}
  `
  const values = terms.map((term) => {
    if (term.kind === 'frame') {
      const frame = sql`
        ${order} ROWS BETWEEN ${integer(term.shift + term.width - 1)} PRECEDING
          AND ${term.shift === 0 ? sql`CURRENT ROW` : sql`${integer(term.shift)} PRECEDING`}
      `
      return sql`${mergeOver(leaves, term.column.merge, sql.id(term.column.id), frame)} AS ${sql.id(term.id)}`
    }
    if (term.offset === 0) return sql`${runName(term.column)} AS ${sql.id(term.id)}`
    return sql`LAG(${runName(term.column)}, ${integer(term.offset)}) OVER (${order}) AS ${sql.id(term.id)}`
  })
  const all = sql`SELECT ${sql.join([sql`e`, sql`j`, ...values])} FROM (${spread}) dense`
  return sql`SELECT * FROM (${all}) looked_up WHERE j >= ${integer(boundary(scope, scope.first))}`
}

function sparseLookup(scope: Scope, tiles: Sql, terms: readonly LookupTerm[]): Sql {
  const { leaves } = scope
  const columns = [...new Map(terms.map((term) => [term.column.id, term.column])).values()]
  const offsetOf = (term: LookupTerm): number => (term.kind === 'running' ? term.offset : term.shift)
  const offsets = [...new Set([0, ...terms.map(offsetOf)])]
  const names = columns.map((column) => sql.id(column.id))
  const tileRows = sql`
    SELECT ${sql.join([sql`e`, sql`2 * j AS z`, sql`CAST(NULL AS ${leaves.columnType('bigint')}) AS edge`, sql`1 AS present`, ...names])}
    FROM (${tiles}) tiles
  `
  const edges = sql.join(
    offsets.map((offset) => sql`SELECT CAST(${integer(offset)} AS ${leaves.columnType('bigint')}) AS edge`),
    sql` UNION ALL `,
  )
  const pointRows = sql`
    SELECT ${sql.join([sql`p.e`, sql`2 * (p.j - o.edge) + 1`, sql`o.edge`, sql`0`, ...columns.map(() => sql`NULL`)])}
    FROM (SELECT DISTINCT e, j FROM ${pointTable(scope)}) p
    CROSS JOIN (${edges}) o
  `
  const over = sql`PARTITION BY e ORDER BY z`
  const values = terms.map((term) => {
    const frame =
      term.kind === 'running'
        ? sql`${over} ROWS UNBOUNDED PRECEDING`
        : sql`${over} RANGE BETWEEN ${integer(2 * term.width - 1)} PRECEDING AND CURRENT ROW`
    return sql`${mergeOver(leaves, term.column.merge, sql.id(term.column.id), frame)} AS ${sql.id(term.id)}`
  })
  const merged = sql`
    SELECT ${sql.join([sql`e`, sql`z`, sql`edge`, sql`SUM(present) OVER (${over} ROWS UNBOUNDED PRECEDING) AS presence`, ...values])}
    FROM (${tileRows}
      UNION ALL ${pointRows}) u
  `
  const picked = terms.map(
    (term) => sql`MAX(CASE WHEN edge = ${integer(offsetOf(term))} THEN ${sql.id(term.id)} END) AS ${sql.id(term.id)}`,
  )
  return sql`
    SELECT ${sql.join([sql`e`, sql`${leaves.floorDivide(sql`z`, 2)} + edge AS j`, ...picked])}
    FROM (${merged}) m
    WHERE edge IS NOT NULL
    GROUP BY 1, 2
    HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0
  `
}
