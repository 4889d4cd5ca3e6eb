import { sql, type Sql } from '@martlet/warehouse'
import { sourceKeys, type DimensionPlan } from '../../plan/source-plan.ts'
import { integer } from '../algebra/integer.ts'
import { entityTable, keyAlias, sameEntity, type Frame } from '../algebra/frame.ts'
import { scanKeyed } from './scan.ts'

const FOR_EVER = 2n ** 63n - 1n

/** A column of the dimension and the name it gets. */
export interface PickedColumn {
  readonly column: string
  readonly name: string
}

/** Rows of a dimension are told apart by the number of their entity, or, without a table of numbers, by their one key. */
export type Owners = Frame | (Omit<Frame, 'entities'> & { readonly entities: undefined })

/**
 * `(e, since, until, picked)` of a dimension with history: from `since` on, and before `until`, this row holds,
 * unless a later `since` of the entity comes first. The row that holds at T is, of those whose interval contains T,
 * the one that begins last.
 *
 * Every beginning is such a step. So is every end that uncovers an older row which still holds; without overlaps
 * there are none.
 */
export function validSteps(frame: Owners, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const names = picked.map(({ name }) => sql.id(name))
  const begins = sql`
    SELECT ${sql.join([sql`e`, sql`since`, sql`until`, ...names])}
    FROM ranked
    WHERE next_since IS NULL OR next_since > since
  `
  const ranked = rankedRows(frame, dimension, picked)
  if (dimension.validTo === null) return sql`SELECT * FROM (WITH ranked AS (${ranked}) ${begins}) steps`
  const ends = sql`SELECT DISTINCT e, until AS ended FROM ranked WHERE until < reach`
  const holds = sql`k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)`
  const found = sql`SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place FROM (${ends}) u JOIN ranked k ON k.e = u.e AND ${holds}
    GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended`
  const values = sql.join([sql`w.e`, sql`w.ended`, sql`k.until`, ...picked.map(({ name }) => sql.id('k', name))])
  const uncovered = sql`SELECT ${values} FROM (${found}) w JOIN ranked k ON k.e = w.e AND k.place = w.place`
  return sql`SELECT * FROM (WITH ranked AS (${ranked}) ${begins} UNION ALL ${uncovered}) steps`
}

/**
 * The intervals of each entity numbered as they begin, with the next beginning and how far those before them reach;
 * empty ones left out.
 */
function rankedRows(frame: Owners, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const { leaves } = frame
  const { validFrom, validTo } = dimension
  if (validFrom === null) throw new Error(`dimension ${dimension.table} keeps no history`)
  const since = leaves.epochMicros(sql.id('d', validFrom))
  const until = validTo === null ? undefined : leaves.epochMicros(sql.id('d', validTo))
  const longest = until === undefined ? [] : [sql`${until} NULLS LAST`]
  const order = sql`
    PARTITION BY ${owner(frame)}
    ORDER BY ${sql.join([since, ...sequence(dimension), ...longest, ...values(dimension)])}
  `
  const reach = sql`MAX(COALESCE(${until}, ${integer(FOR_EVER)})) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach`
  const columns = [
    sql`${owner(frame)} AS e`,
    sql`${since} AS since`,
    sql`${until ?? sql`CAST(NULL AS ${leaves.columnType('bigint')})`} AS until`,
    sql`ROW_NUMBER() OVER (${order}) AS place`,
    sql`LEAD(${since}) OVER (${order}) AS next_since`,
    ...(until === undefined ? [] : [reach]),
    ...picked.map(({ column, name }) => sql`${sql.id('d', column)} AS ${sql.id(name)}`),
  ]
  const held = until === undefined ? sql`` : sql` AND (${until} IS NULL OR ${until} > ${since})`
  return sql`
    SELECT ${sql.join(columns)}
    FROM ${ownedRows(frame, dimension)}
    WHERE ${sql.id('d', validFrom)} IS NOT NULL${held}
  `
}

/** `(e, picked)` of a dimension without history: one row for each entity, all of it from one row of the table. */
export function onlyRows(frame: Owners, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const columns = picked.map(({ column, name }) => sql`${sql.id('d', column)} AS ${sql.id(name)}`)
  const order = [...sequence(dimension), ...values(dimension)]
  const e = owner(frame)
  const place = sql`ROW_NUMBER() OVER (PARTITION BY ${e} ORDER BY ${sql.join(order.length === 0 ? [e] : order)}) AS place`
  const count = sql`COUNT(*) OVER (PARTITION BY ${e}) AS places`
  const ranked = sql`SELECT ${sql.join([sql`${e} AS e`, place, count, ...columns])} FROM ${ownedRows(frame, dimension)}`
  return sql`
    SELECT ${sql.join([sql`e`, ...picked.map(({ name }) => sql.id(name))])}
    FROM (${ranked}) k
    WHERE place = places
  `
}

function ownedRows(frame: Owners, dimension: DimensionPlan): Sql {
  if (frame.entities === undefined) return sql`(${scanKeyed(frame.leaves, dimension, frame.entity)}) d`
  return sql`
    (${scanKeyed(frame.leaves, dimension, frame.entity)}) d
    JOIN ${entityTable(frame)} n ON ${sameEntity(frame, 'n', 'd')}
  `
}

/** What the rows of one entity have in common. */
function owner({ entities }: Owners): Sql {
  return entities === undefined ? sql.id('d', keyAlias(0)) : sql`n.e`
}

/** Orders rows that begin at once, the one that counts last. */
function sequence({ sequence: column }: DimensionPlan): readonly Sql[] {
  return column === undefined ? [] : [sql`${sql.id('d', column)} NULLS FIRST`]
}

/**
 * What is left to tell two rows apart, so that every query chooses the same one: all declared columns, greatest last.
 */
function values(dimension: DimensionPlan): readonly Sql[] {
  const { columns, entity, validFrom, validTo, sequence: order } = dimension
  const told = [...sourceKeys(dimension, entity), validFrom, validTo, order]
  return columns.filter(({ name }) => !told.includes(name)).map(({ name }) => sql`${sql.id('d', name)} NULLS FIRST`)
}
