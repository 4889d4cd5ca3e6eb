import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import { sourceKeys, type SourcePlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { computedKeys, dimensionUses } from '../vocabulary/sources/computed.ts'
import { attributesOf } from '../vocabulary/sources/list.ts'
import { sourceColumnsRead, sourceIdentity } from '../vocabulary/view-sources.ts'
import { bigintAt, rawRows, textAt, whole, type Count, type Run, type TableScan } from './table-scan.ts'
import { text } from './row-checks.ts'

const FOR_EVER = 2n ** 63n - 1n

/** Whether a view's events have columns of this dimension, and its rows say until when they hold. */
export function isJoinedHistory(view: ViewPlan, source: SourcePlan): boolean {
  const dimension = attributesOf(source)
  if (view.source === null || dimension === undefined || dimension.validTo === null) return false
  const names = [...sourceColumnsRead(view), ...computedKeys(view.source, view.entity.name)]
  const joined = dimensionUses(view.source, names).map((use) => sourceIdentity(use.dimension))
  return joined.includes(sourceIdentity(source))
}

/** Rows of a dimension that begin while another one of the same keys still holds: from then on the newer one counts. */
export async function countOverlaps(warehouse: Warehouse, scan: TableScan, run: Run): Promise<Count> {
  const { leaves } = warehouse
  const dimension = attributesOf(scan.source)
  if (dimension?.validFrom == null || dimension.validTo === null)
    throw new Error(`${scan.source.table} does not say until when its rows hold`)
  const { validFrom, validTo } = dimension
  const keys = sourceKeys(dimension, dimension.entity)
  const micros = (name: string): Sql => leaves.epochMicros(sql.id('o', name))
  const list = [
    ...keys.map((key, index) => sql`${sql.id('o', key)} AS ${sql.id(`k${index}`)}`),
    sql`${micros(validFrom)} AS began`,
    sql`COALESCE(${micros(validTo)}, ${integer(FOR_EVER)}) AS ended`,
  ]
  const known = [...keys, validFrom].map((name) => sql`${sql.id('o', name)} IS NOT NULL`)
  const rows = sql`
    SELECT ${sql.join(list)}
    FROM (${rawRows(leaves, scan, new Set([...keys, validFrom, validTo]))}) o
    WHERE ${sql.join(known, sql` AND `)}
  `
  const columns = keys.map((_, index) => sql.id('s', `k${index}`))
  const order = sql`PARTITION BY ${sql.join(columns)} ORDER BY s.began, s.ended`
  const before = sql`MAX(s.ended) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`
  const reaching = sql`SELECT ${sql.join([...columns, sql`s.began`, sql`${before} AS reach`])} FROM (${rows}) s WHERE s.ended > s.began`
  const bad = sql`p.reach > p.began`
  const found = await warehouse.read(
    sql`
      SELECT COUNT(*) AS total, ${whole(leaves, sql`SUM(CASE WHEN ${bad} THEN 1 ELSE 0 END)`)} AS overlaps
      FROM (${reaching}) p
    `,
    run,
  )
  const [total, count] = [Number(bigintAt(found, 0) ?? 0n), Number(bigintAt(found, 1) ?? 0n)]
  const overlapping = sql`SELECT * FROM (${reaching}) p WHERE ${bad}`
  const base = {
    column: null,
    check: 'overlaps',
    message: 'begins while another row of the same keys holds, and counts from then on,',
    count,
    total,
    query: warehouse.compile(sql`${overlapping} LIMIT 100`).sql,
  } as const
  if (count === 0) return { ...base, example: null }
  const key = sql.join(
    keys.map((_, index) => text(sql.id('x', `k${index}`))),
    sql` || ' ' || `,
  )
  const first = await warehouse.read(
    sql`
      SELECT ${key} AS owner, x.began AS began
      FROM (${overlapping}) x
      ORDER BY x.began, ${sql.join(keys.map((_, index) => sql.id('x', `k${index}`)))} LIMIT 1
    `,
    run,
  )
  return { ...base, example: `${textAt(first, 0)} at ${shortInstant(bigintAt(first, 1) ?? 0n)}` }
}
