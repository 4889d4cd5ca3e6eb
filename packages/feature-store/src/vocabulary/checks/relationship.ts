import { sql, typeText, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { ColumnOf, Row } from '../../define/sources/columns.ts'
import { isNumber } from '../../plan/column-family.ts'
import type { CheckPlan } from '../../plan/check-plan.ts'
import { zoneOf, type SourcePlan } from '../../plan/source-plan.ts'
import type { Check, CheckedRows, CheckedTable, CheckKind, CheckOptions, OtherTable } from './check-kind.ts'
import type { FamilyOf } from './typed-columns.ts'

/** A table that rows can refer to: a dimension, a fact, a lookup table or precomputed rows. */
export interface Referred<R extends Row, H> {
  readonly kind: 'dimension' | 'fact' | 'lookup' | 'precomputed'
  readonly plan: SourcePlan
  readonly '~row'?: R
  readonly '~history'?: H
}

export interface RelationshipOptions<R, H, A> extends CheckOptions {
  /** The time of a row at which the row of the dimension must be valid; rows without such a time are not looked at. */
  readonly asOf?: H extends true
    ? A extends ColumnOf<R, Date>
      ? A
      : `this table has no column of times '${A & string}'`
    : 'the other table keeps no history, so it cannot be asked as of a time'
}

/** Nothing when each column refers to one of its type, and a sentence otherwise. */
export type FittingColumns<R, O, M> = [WrongPair<R, O, M>] extends [never] ? unknown : WrongPair<R, O, M>
type WrongPair<R, O, M> = {
  [C in keyof M & string]: C extends keyof R
    ? M[C] extends keyof O & string
      ? FamilyOf<R[C]> extends FamilyOf<O[M[C]]>
        ? never
        : `column '${C}' of this table is not of the type of '${M[C]}' of the other table`
      : `the other table has no column '${M[C] & string}'`
    : `this table has no column '${C}'`
}[keyof M & string]

export interface Relationship<R> {
  /**
   * A row's values, where none of them is null, are those of some row of another table: referential integrity. `on` names
   * for each column the one that it refers to.
   *
   * @example c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'ordered_at' })
   */
  relationship<O extends Row, H, const M extends Readonly<Record<string, string>>, const A extends string = never>(
    to: Referred<O, H>,
    on: M & FittingColumns<R, O, M>,
    options?: RelationshipOptions<R, H, A>,
  ): Check
}

export interface RelationshipPlan extends CheckPlan {
  readonly kind: 'relationship'
  readonly columns: readonly string[]
  readonly to: OtherTable
  /** The columns of the other table, in the order of `columns`. */
  readonly keys: readonly string[]
  /** The column with the time at which the other row must be valid. */
  readonly asOf?: string
  readonly validFrom?: string
  readonly validTo?: string
}

const columnType: z.ZodType<ColumnType> = z.union([
  z.literal(['boolean', 'integer', 'bigint', 'double', 'text', 'timestamp', 'date']),
  z.looseObject({ decimal: z.tuple([z.number(), z.number()]) }),
])

export const relationship: CheckKind<RelationshipPlan> = {
  kind: 'relationship',
  fields: {
    columns: z.array(z.string()),
    to: z.looseObject({
      table: z.string(),
      columns: z.array(
        z.looseObject({ name: z.string(), type: columnType, zone: z.string().nullable(), bound: z.boolean() }),
      ),
    }),
    keys: z.array(z.string()),
    asOf: z.string().exactOptional(),
    validFrom: z.string().exactOptional(),
    validTo: z.string().exactOptional(),
  },
  options: 2,
  plan: planned,
  reads: ({ columns, asOf }) => (asOf === undefined ? columns : [...columns, asOf]),
  says: ({ columns, keys, to, asOf }) => {
    const where = `${to.table} (${keys.join(', ')})`
    return `has a ${columns.join(', ')} that is not in ${where}${asOf === undefined ? '' : ` at its ${asOf}`}`
  },
  statement: (check, rows) => ({ groups: groups(check, rows), shows: relationship.reads(check) }),
  others: ({ to }) => [to],
}

function planned([to, on, options]: readonly unknown[], table: CheckedTable): Omit<RelationshipPlan, keyof CheckPlan> {
  const plan: SourcePlan & Partial<Validity> =
    planOf(to) ?? table.refuse('relationship() is to a dimension, a fact, a lookup table or precomputed rows')
  const pairs = typeof on === 'object' && on !== null ? Object.entries(on) : []
  if (pairs.length === 0)
    table.refuse(`relationship() needs the columns that refer, like { customer_id: 'customer_id' }`)
  const keys = pairs.map(([name, key]: [string, unknown]) => {
    const column = table.column(name)
    const other =
      plan.columns.find((one) => one.name === key) ?? table.refuse(`the other table has no column '${String(key)}'`)
    if (family(column.type) !== family(other.type))
      table.refuse(
        `column '${name}' of this table is ${typeText(column.type)}, and '${other.name}' of the other table ${typeText(other.type)}`,
      )
    return other.name
  })
  const asOf = typeof options === 'object' && options !== null && 'asOf' in options ? options.asOf : undefined
  const { validFrom = null, validTo = null }: Partial<Validity> = plan
  if (asOf !== undefined) {
    if (plan.kind !== 'dimension' || validFrom === null)
      table.refuse('the other table keeps no history, so it cannot be asked as of a time')
    if (table.column(asOf).type !== 'timestamp') table.refuse(`asOf names '${String(asOf)}', which is no time`)
  }
  const history =
    asOf === undefined || validFrom === null
      ? {}
      : { asOf: String(asOf), validFrom, ...(validTo === null ? {} : { validTo }) }
  const read = new Set([...keys, ...('validFrom' in history ? [validFrom, validTo] : [])])
  const columns = plan.columns
    .filter(({ name }) => read.has(name))
    .map(({ name, type }) => ({
      name,
      type,
      zone: zoneOf(plan, name),
      bound: name === validFrom || name === validTo,
    }))
  return { columns: pairs.map(([name]) => name), to: { table: plan.table, columns }, keys, ...history }
}

interface Validity {
  readonly validFrom: string | null
  readonly validTo: string | null
}

function planOf(to: unknown): SourcePlan | undefined {
  if (typeof to !== 'object' || to === null || !('kind' in to) || !('plan' in to)) return undefined
  const is = ['dimension', 'fact', 'lookup', 'precomputed'].some((kind) => kind === to.kind)
  return is ? (to.plan as SourcePlan) : undefined
}

function family(type: ColumnType): string {
  return isNumber(type) ? 'number' : String(type)
}

/** Rows by what they refer to: a value is looked for once, however many rows have it. */
function groups({ columns, keys, to, asOf, validFrom, validTo }: RelationshipPlan, rows: CheckedRows): Sql {
  const { leaves } = rows
  const own = asOf === undefined ? columns : [...columns, asOf]
  const values = own.map((name) => sql.id('r', name))
  const known = sql.join(
    values.map((value) => sql`${value} IS NOT NULL`),
    sql` AND `,
  )
  const counted = sql`
    SELECT ${sql.join([...values, sql`COUNT(*) AS ${sql.id('rows#')}`])}
    FROM (${rows.rows(own)}) r
    WHERE ${known}
    GROUP BY ${sql.join(values)}
  `
  const typeOf = (name: string): ColumnType => to.columns.find((one) => one.name === name)?.type ?? 'text'
  const same = columns.map((name, at) =>
    equal(
      leaves,
      { sql: sql.id('e', name), type: rows.type(name) },
      { sql: sql.id('k', `k${at}`), type: typeOf(keys[at] ?? '') },
    ),
  )
  const theirs = keys.map((name, at) => sql`o.${sql.id(name)} AS ${sql.id(`k${at}`)}`)
  const shown = own.map((name) => sql.id('e', name))
  const count = sql.id('e', 'rows#')
  if (asOf === undefined || validFrom === undefined)
    return sql`
      SELECT ${sql.join([
        ...shown,
        sql`${count} AS ${sql.id('checked#')}`,
        sql`CASE WHEN k.found IS NULL THEN ${count} ELSE 0 END AS ${sql.id('failing#')}`,
      ])}
      FROM (${counted}) e
      LEFT JOIN (SELECT DISTINCT ${sql.join([...theirs, sql`1 AS found`])} FROM (${rows.other(to)}) o) k
        ON ${sql.join(same, sql` AND `)}
    `
  const at = sql.id('e', asOf)
  const instant = (name: string): Sql =>
    typeOf(name) === 'date' ? sql`CAST(o.${sql.id(name)} AS ${leaves.columnType('timestamp')})` : sql`o.${sql.id(name)}`
  const validity = [
    sql`${instant(validFrom)} AS began`,
    ...(validTo === undefined ? [] : [sql`${instant(validTo)} AS ended`]),
  ]
  const holds = [
    ...same,
    sql`k.began <= ${at}`,
    ...(validTo === undefined ? [] : [sql`(k.ended IS NULL OR k.ended > ${at})`]),
  ]
  return sql`
    SELECT ${sql.join([
      ...shown,
      sql`${count} AS ${sql.id('checked#')}`,
      sql`CASE WHEN COUNT(k.began) = 0 THEN ${count} ELSE 0 END AS ${sql.id('failing#')}`,
    ])}
    FROM (${counted}) e
    LEFT JOIN (SELECT ${sql.join([...theirs, ...validity])} FROM (${rows.other(to)}) o) k
      ON ${sql.join(holds, sql` AND `)}
    GROUP BY ${sql.join([...shown, count])}
  `
}

function equal(
  leaves: Leaves,
  a: { readonly sql: Sql; readonly type: ColumnType },
  b: { readonly sql: Sql; readonly type: ColumnType },
): Sql {
  const rough = a.type === 'double' || b.type === 'double'
  return rough ? sql`${leaves.toDouble(a.sql)} = ${leaves.toDouble(b.sql)}` : sql`${a.sql} = ${b.sql}`
}
