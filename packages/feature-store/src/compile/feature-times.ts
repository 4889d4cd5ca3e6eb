import { sql, type Sql } from '@martlet/warehouse'
import { ceilDivide, floorDivide } from '../plan/time/grid.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { pointTable, type Scope } from './scope.ts'

/** `(t)`: every feature time of the rows that are wanted, once. */
export function featureTimes(scope: Scope): Sql {
  const { leaves, view, points, instants, first, last } = scope
  if (points === 'some') return sql`SELECT DISTINCT t FROM ${pointTable(scope)}`
  if (instants !== undefined) return sql`SELECT t FROM ${sql.id(instants)}`
  // Without such a table the grid is one of UTC.
  const every = BigInt(view.grid.every)
  const numbers = leaves.series({
    from: integer(ceilDivide(first, every)),
    to: integer(floorDivide(last, every) + 1n),
    alias: 'n',
    column: 'i',
  })
  return sql`SELECT n.i * ${integer(every)} AS t FROM (SELECT 1 AS one) o, ${numbers}`
}
