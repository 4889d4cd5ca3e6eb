import { sql, type Leaves, type Sql } from '@martlet/warehouse'
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

/** The rows `d` of a dimension, and the columns of `alias` that say whose each one is. */
export interface OwnedRows {
  readonly leaves: Leaves
  readonly from: Sql
  readonly alias: 'n' | 'd'
  readonly owner: readonly Sql[]
}

/** Of the entities of a frame, by their number `e`. */
export function ownedByNumber(frame: Frame, dimension: DimensionPlan): OwnedRows {
  const { leaves } = frame
  const from = sql`
    (${scanKeyed(leaves, dimension, frame.entity)}) d
    JOIN ${entityTable(frame)} n ON ${sameEntity(frame, 'n', 'd')}
  `
  return { leaves, from, alias: 'n', owner: [sql`e`] }
}

/** Of everybody, by the key aliases. */
export function ownedByKeys(leaves: Leaves, dimension: DimensionPlan): OwnedRows {
  const owner = dimension.entity.keys.map((_, index) => sql.id(keyAlias(index)))
  return { leaves, from: sql`(${scanKeyed(leaves, dimension, dimension.entity)}) d`, alias: 'd', owner }
}

/**
 * `(owner, since, until, picked)` of a dimension with history: from `since` on, and before `until`, this row holds,
 * unless a later `since` of the entity comes first. The row that holds at T is, of those whose interval contains T,
 * the one that begins last.
 *
 * Every beginning is such a step. So is every end that uncovers an older row which still holds; without overlaps
 * there are none.
 */
export function validSteps(rows: OwnedRows, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const names = picked.map(({ name }) => sql.id(name))
  const owner = (alias: string): Sql => ownerOf(rows, alias)
  const same = (left: string, right: string): Sql =>
    sql.join(
      rows.owner.map((column) => sql`${sql.raw(left)}.${column} = ${sql.raw(right)}.${column}`),
      sql` AND `,
    )
  const begins = sql`
    SELECT ${sql.join([...rows.owner, sql`since`, sql`until`, ...names])}
    FROM ranked
    WHERE next_since IS NULL OR next_since > since
  `
  const ranked = rankedRows(rows, dimension, picked)
  if (dimension.validTo === null) return sql`SELECT * FROM (WITH ranked AS (${ranked}) ${begins}) steps`
  const ends = sql`SELECT DISTINCT ${sql.join(rows.owner)}, until AS ended FROM ranked WHERE until < reach`
  const holds = sql`k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)`
  const list = rows.owner.map((column) => sql`u.${column} AS ${column}`)
  const held = sql`JOIN ranked k ON ${same('k', 'u')} AND ${holds}`
  const found = sql`SELECT ${sql.join(list)}, u.ended AS ended, MAX(k.place) AS place FROM (${ends}) u ${held}
    GROUP BY ${owner('u')}, u.ended HAVING MAX(k.since) < u.ended`
  const values = sql.join([owner('w'), sql`w.ended`, sql`k.until`, ...picked.map(({ name }) => sql.id('k', name))])
  const uncovered = sql`SELECT ${values} FROM (${found}) w JOIN ranked k ON ${same('k', 'w')} AND k.place = w.place`
  return sql`SELECT * FROM (WITH ranked AS (${ranked}) ${begins} UNION ALL ${uncovered}) steps`
}

/**
 * The intervals of each entity numbered as they begin, with the next beginning and how far those before them reach;
 * empty ones left out.
 */
function rankedRows(rows: OwnedRows, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const { leaves } = rows
  const { validFrom, validTo } = dimension
  if (validFrom === null) throw new Error(`dimension ${dimension.table} keeps no history`)
  const since = leaves.epochMicros(sql.id('d', validFrom))
  const until = validTo === null ? undefined : leaves.epochMicros(sql.id('d', validTo))
  const longest = until === undefined ? [] : [sql`${until} NULLS LAST`]
  const order = sql`
    PARTITION BY ${ownedBy(rows)}
    ORDER BY ${sql.join([since, ...sequence(dimension), ...longest, ...values(dimension)])}
  `
  const reach = sql`MAX(COALESCE(${until}, ${integer(FOR_EVER)})) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach`
  const columns = [
    ...ownerColumns(rows),
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
    FROM ${rows.from}
    WHERE ${sql.id('d', validFrom)} IS NOT NULL${held}
  `
}

/** `(owner, picked)` of a dimension without history: one row for each owner, all of it from one row of the table. */
export function onlyRows(rows: OwnedRows, dimension: DimensionPlan, picked: readonly PickedColumn[]): Sql {
  const columns = picked.map(({ column, name }) => sql`${sql.id('d', column)} AS ${sql.id(name)}`)
  const order = [...sequence(dimension), ...values(dimension)]
  const by = ownedBy(rows)
  const place = sql`ROW_NUMBER() OVER (PARTITION BY ${by} ORDER BY ${order.length === 0 ? by : sql.join(order)}) AS place`
  const count = sql`COUNT(*) OVER (PARTITION BY ${by}) AS places`
  const ranked = sql`SELECT ${sql.join([...ownerColumns(rows), place, count, ...columns])} FROM ${rows.from}`
  return sql`
    SELECT ${sql.join([...rows.owner, ...picked.map(({ name }) => sql.id(name))])}
    FROM (${ranked}) k
    WHERE place = places
  `
}

function ownedBy(rows: OwnedRows): Sql {
  return ownerOf(rows, rows.alias)
}

function ownerColumns({ alias, owner }: OwnedRows): readonly Sql[] {
  return owner.map((column) => sql`${sql.raw(alias)}.${column} AS ${column}`)
}

function ownerOf({ owner }: OwnedRows, alias: string): Sql {
  return sql.join(owner.map((column) => sql`${sql.raw(alias)}.${column}`))
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
