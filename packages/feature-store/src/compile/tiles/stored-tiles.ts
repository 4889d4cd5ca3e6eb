import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { momentColumn, tileColumn, type MomentTable } from './moment-table.ts'
import { centreId } from '../../vocabulary/algebra/centre-id.ts'
import { meanOverTiles, mergedOld } from '../../vocabulary/algebra/merged-tiles.ts'
import { tileCount } from '../../vocabulary/algebra/tile-mean.ts'
import type { Moment, MomentKind } from '../../vocabulary/algebra/moments.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { entityTable } from '../../vocabulary/algebra/frame.ts'
import { boundary, type Scope } from '../scope.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'

/** Times inside a tile are measured from its start, so that sums of their squares stay exact and small. */
const LOCAL: ReadonlySet<MomentKind> = new Set(['tau', 'tauSquared'])

/** Tiles `(e, j, moments)` read from a stored table; everything up to `low` is merged into one tile there. */
export function storedTiles(scope: Scope, table: MomentTable, moments: readonly Moment[], low: bigint): Sql {
  const origin = (scope.first + scope.last) / 2n
  const start = sql`((${tile(table)} - 1) * ${integer(scope.grain)} - ${integer(origin)})`
  const read = moments.map((moment) => sql`${fromOrigin(scope.leaves, moment, start)} AS ${sql.id(moment.id)}`)
  const keys = table.entity.keys.map(({ name }, index) => sql`${sql.id('n', keyAlias(index))} = ${sql.id('s', name)}`)
  const source = sql`
    SELECT ${sql.join([sql`n.e AS e`, sql`${tile(table)} AS j`, ...read])}
    FROM ${tableRef(table.table)} s
    JOIN ${entityTable(scope)} n ON ${sql.join(keys, sql` AND `)}
    WHERE ${tile(table)} <= ${integer(boundary(scope, scope.last))}
  `
  const merged = moments.map((moment) => sql`${mergedOld(scope.leaves, moment)} AS ${sql.id(moment.id)}`)
  const names = moments.map((moment) => sql.id(moment.id))
  const recent = sql`SELECT ${sql.join([sql`e`, sql`j`, ...names])} FROM (${source}) recent WHERE j > ${integer(low)}`
  // Tiles with different means also spread around their common mean.
  const apart = moments.filter(({ kind }) => kind === 'spread').map(({ input }) => input)
  const means = apart.map((input) => sql`${meanOverTiles(scope.leaves, input)} AS ${sql.id(centreId('centre', input))}`)
  const old = sql`SELECT ${sql.join([sql`old.*`, ...means])} FROM (${source}) old WHERE j <= ${integer(low)}`
  const before = sql`
    SELECT ${sql.join([sql`e`, sql`${integer(low)} AS j`, ...merged])}
    FROM (${old}) earlier
    GROUP BY e
  `
  return sql`${recent} UNION ALL ${before}`
}

/** Everybody with a tile up to the last feature time. */
export function storedEntities(scope: Scope, table: MomentTable): Sql {
  const keys = table.entity.keys.map(({ name }, index) => sql`${sql.id('s', name)} AS ${sql.id(keyAlias(index))}`)
  return sql`
    SELECT DISTINCT ${sql.join(keys)}
    FROM ${tableRef(table.table)} s
    WHERE ${tile(table)} <= ${integer(boundary(scope, scope.last))}
  `
}

function tile({ entity }: MomentTable): Sql {
  return sql.id('s', tileColumn(entity))
}

/** A stored moment with times measured from the origin instead of the tile's start. */
function fromOrigin(leaves: Leaves, moment: Moment, start: Sql): Sql {
  const of = (kind: MomentKind): Sql => sql.id('s', momentColumn({ id: '', kind, input: moment.input }))
  const own = of(moment.kind)
  if (!LOCAL.has(moment.kind)) return own
  const shift = leaves.toWide(start)
  const count = leaves.toWide(tileCount({ of, leaves, input: moment.input }))
  if (moment.kind === 'tau') return sql`(${own} + ${count} * ${shift})`
  return sql`(${own} + 2 * ${shift} * ${of('tau')} + ${count} * ${shift} * ${shift})`
}
