import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { DimensionPlan, EventsPlan } from '../../plan/source-plan.ts'
import { keyAlias } from '../algebra/frame.ts'
import type { AttributeColumn } from './computed.ts'
import { onlyRows, ownedByKeys, validSteps } from './validity.ts'

/** Adds to rows of events columns of dimensions as of each event's own time; null where a dimension has no such row. */
export function withAttributes(leaves: Leaves, fact: EventsPlan, rows: Sql, columns: readonly AttributeColumn[]): Sql {
  const joins = Map.groupBy(columns, ({ expression: { of, on } }) => JSON.stringify([of, on]))
  let made = rows
  for (const group of joins.values()) made = withDimension(leaves, fact, made, group)
  return made
}

/** Every event once: at most one row of the dimension holds at a time. */
function withDimension(leaves: Leaves, fact: EventsPlan, rows: Sql, columns: readonly AttributeColumn[]): Sql {
  const [first] = columns
  if (first === undefined) return rows
  const { of, on, at } = first.expression
  const dimension = dimensionOf(fact, of)
  const picked = columns.map(({ name, expression: { column } }) => ({ column, name }))
  const keys = on.map((name, index) => [sql.id('s', name), sql.id('a', keyAlias(index))] as const)
  const values = (there?: Sql): readonly Sql[] =>
    picked.map(({ name }) => {
      const value = sql.id('a', name)
      return there === undefined ? value : sql`CASE WHEN ${there} THEN ${value} END AS ${sql.id(name)}`
    })
  const owned = ownedByKeys(leaves, dimension)
  if (dimension.validFrom === null) {
    const same = keys.map(([left, right]) => sql`${left} = ${right}`)
    return sql`
      SELECT ${sql.join([sql`s.*`, ...values()])}
      FROM (${rows}) s
      LEFT JOIN (${onlyRows(owned, dimension, picked)}) a ON ${sql.join(same, sql` AND `)}
    `
  }
  const when = sql.id('s', `${first.name}__at`)
  const joined = leaves.asofJoin({
    left: sql`(SELECT s.*, ${leaves.epochMicros(sql.id('s', at))} AS ${sql.id(`${first.name}__at`)} FROM (${rows}) s) s`,
    right: sql`(${validSteps(owned, dimension, picked)}) a`,
    on: keys,
    match: { left: when, operator: '>=', right: sql`a.since` },
  })
  // An engine may match a key or a time that is null with any row.
  const asked = [...keys.map(([left]) => left), when].map((value) => sql`${value} IS NOT NULL`)
  const holds = [...asked, sql`a.since IS NOT NULL`, sql`(a.until IS NULL OR ${when} < a.until)`]
  return sql`SELECT ${sql.join([sql`s.*`, ...values(sql.join(holds, sql` AND `))])} FROM ${joined}`
}

function dimensionOf({ table, dimensions = [] }: EventsPlan, name: string): DimensionPlan {
  const found = dimensions.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${table} is not joined with ${name}`)
  return found.dimension
}
