import { sql, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import { countedEdges } from '../count/counted-edges.ts'
import { measuredColumn } from '../count/measured-column.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { categoryText, codeText } from '../count/scan-categories.ts'
import type { CategoryProfile, NumericProfile } from '../profile/reference-profile.ts'
import { CODES } from './boosted-trees.ts'

/** A column whose values can be coded, with the type that it has in the rows. */
export interface CodableColumn {
  readonly profile: NumericProfile | CategoryProfile
  readonly type: ColumnType
}

/** Bins of numbers, and values of categories, that have a code of their own. */
const NUMBER_BINS = 20
const CATEGORY_VALUES = CODES - 2

/**
 * At most `limit` rows of a relation as codes: the bin of a number among twentieths of the reference, the place of a category,
 * 0 where there is no value. No value leaves the warehouse. Which rows are taken depends on a hash of their codes and their
 * number among equal ones, so the same rows give the same sample on every machine with that version of the engine.
 *
 * Of rows with a weight each is taken with a chance in proportion to it, certainly if it is the heaviest: what is taken is a sample
 * in which every row counts as one. Uneven weights leave fewer rows.
 */
export async function sampleCodes(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly CodableColumn[],
  limit: number,
  side: 'reference' | 'current',
  weight: Sql | null = null,
): Promise<readonly Uint8Array[]> {
  const { leaves } = warehouse
  const names = columns.map((_, index) => sql.id(`c${index}`))
  const coders = columns.map((column) => coderOf(warehouse, column))
  const values = coders.map(({ value }, index) => sql`${value} AS ${sql.id(`v${index}`)}`)
  const codes = coders.map(({ code }, index) => sql`${code(sql.id(`v${index}`))} AS ${sql.id(`c${index}`)}`)
  const weighed = weight === null ? [] : [sql`${weight} AS u`]
  const carried = weight === null ? [] : [sql`u`]
  const valued = sql`SELECT ${sql.join([...values, ...weighed])} FROM ${fromRelation(relation)}`
  const coded = sql`SELECT ${sql.join([...codes, ...carried])} FROM (${valued}) AS valued_rows`
  const kept = [...names, ...carried]
  const hashed = sql`SELECT ${sql.join(kept)}, ${leaves.rowHash(...names)} AS h FROM (${coded}) AS coded_rows`
  const among = weight === null ? sql`h ASC NULLS LAST` : sql`u ASC NULLS LAST`
  const numbered = sql`
    SELECT ${sql.join(kept)}, h, ROW_NUMBER() OVER (PARTITION BY h ORDER BY ${among}) AS r
    FROM (${hashed}) AS hashed_rows
  `
  const key = leaves.rowHash(sql.raw('h'), sql.raw('r'), sql.lit(side))
  const taken = weight === null ? numbered : takenByWeight(warehouse, numbered, side)
  const picked = names.map((name) => sql`${leaves.toDouble(name)} AS ${name}`)
  const batch = await warehouse.read(
    sql`
      SELECT ${sql.join(picked)}
      FROM (SELECT ${sql.join(names)}, ${key} AS k FROM (${taken}) AS numbered_rows) AS keyed_rows
      ORDER BY k ASC NULLS LAST
      LIMIT ${sql.raw(String(limit))}
    `,
  )
  return batch.columns.map((vector) => Uint8Array.from(numbersOf(vector)))
}

/** Chances are told apart to a millionth. */
const CHANCES = 1_000_000

function takenByWeight({ leaves }: Warehouse, numbered: Sql, side: string): Sql {
  const draw = leaves.rowBucket(CHANCES, sql.raw('h'), sql.raw('r'), sql.lit(`${side} weight`))
  const heaviest = sql`SELECT *, MAX(u) OVER () AS most FROM (${numbered}) AS weighed_rows`
  return sql`
    SELECT *
    FROM (${heaviest}) AS compared_rows
    WHERE ${leaves.toDouble(draw)} < ${leaves.toDouble(sql`u`)} / ${leaves.toDouble(sql`most`)} * ${sql.raw(String(CHANCES))}
  `
}

interface Coder {
  readonly value: Sql
  code(v: Sql): Sql
}

function coderOf(warehouse: Warehouse, { profile, type }: CodableColumn): Coder {
  if (profile.kind === 'category') {
    const known = profile.top.slice(0, CATEGORY_VALUES)
    const codes = known.map(({ value }, index) => ({ value: codeText(value, profile.type), code: String(index + 1) }))
    return {
      value: categoryText(warehouse, profile.name, type),
      code: (v) => {
        const cases = codes.map(({ value, code }) => sql`WHEN ${v} = ${value} THEN ${sql.raw(code)}`)
        return sql`CASE WHEN ${v} IS NULL THEN 0 ${sql.join(cases, sql` `)} ELSE ${sql.raw(String(CODES - 1))} END`
      },
    }
  }
  const edges = twentieths(profile)
  return {
    value: measuredColumn(warehouse.leaves, type, sql.id(profile.name), profile.origin).value,
    code: (v) => sql`CASE WHEN ${v} IS NULL THEN 0 ELSE 1 + ${warehouse.leaves.binIndex(v, edges)} END`,
  }
}

/** Of the edges of a profile, those at which another twentieth of its rows is full, as values are counted on them. */
function twentieths({ edges, counts, finite }: NumericProfile): readonly number[] {
  const counted = countedEdges(edges)
  let below = 0
  let full = 0
  return edges.flatMap((_, index) => {
    below += counts[index] ?? 0
    const step = Math.floor((below / finite) * NUMBER_BINS)
    if (step <= full || full >= NUMBER_BINS) return []
    full = step
    return counted[index] ?? []
  })
}
