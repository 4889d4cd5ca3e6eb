import { sql, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { text } from './row-checks.ts'
import { bigintAt, rawRows, textAt, whole, type Count, type Run, type TableScan } from './table-scan.ts'

/** The step of a history is its most common distance, when at least this share of all neighbours keep it. */
const dominating = 0.5
/** Below this share the events are no series with a step, so that nobody expects gaps to be looked for. */
const stepLike = 0.2

/**
 * Holes in the histories of a fact's entities. The step is the most common distance between neighbouring event times
 * (the shorter of two that are equally common); a distance of about n steps lacks n - 1 of them. Events after `now`
 * are left out, as `future` reports them.
 */
export async function countGaps(warehouse: Warehouse, scan: TableScan, run: Run): Promise<Count> {
  const { leaves } = warehouse
  const keys = keyNames(scan)
  const neighbours = neighboursOf(leaves, scan, keys)
  const distance = sql`${leaves.epochMicros(sql.ref('n.next'))} - ${leaves.epochMicros(sql.ref('n.at'))}`
  const distances = sql`
    SELECT ${distance} AS distance, COUNT(*) AS pairs, MIN(n.at) AS earliest
    FROM (${neighbours}) n
    WHERE n.next > n.at
    GROUP BY 1
  `
  const ranked = sql`
    SELECT d.distance, d.pairs, d.earliest, FIRST_VALUE(d.distance) OVER (ORDER BY d.pairs DESC NULLS LAST, d.distance) AS step
    FROM (${distances}) d
  `
  const lacking = sql`FLOOR(${leaves.divide(leaves.toDouble(sql.ref('r.distance')), leaves.toDouble(sql.ref('r.step')))} + 0.5) - 1`
  const found = await warehouse.read(
    sql`SELECT ${sql.join([
      sql`${whole(leaves, sql`SUM(r.pairs)`)} AS pairs`,
      sql`${whole(leaves, sql`MAX(r.step)`)} AS step`,
      sql`${whole(leaves, sql`MAX(r.pairs)`)} AS common`,
      sql`${whole(leaves, sql`SUM(CASE WHEN ${lacking} > 0 THEN r.pairs * (${lacking}) ELSE 0 END)`)} AS missing`,
      sql`${leaves.epochMicros(sql`MIN(CASE WHEN ${lacking} > 0 THEN r.earliest END)`)} AS earliest`,
    ])} FROM (${ranked}) r`,
    run,
  )
  const [pairs, step, common, missing] = [0, 1, 2, 3].map((place) => Number(bigintAt(found, place) ?? 0n))
  const base = { column: null, check: 'gaps', count: 0, total: 0, example: null, query: '' } as const
  if (pairs === undefined || step === undefined || common === undefined || missing === undefined || pairs === 0)
    return { ...base, message: 'has no two events of one entity, so no step to miss' }
  if (common < dominating * pairs) {
    const none = { ...base, message: 'has no regular step' }
    if (common < stepLike * pairs) return none
    const share = `${Math.floor((100 * common) / pairs)} %`
    return {
      ...none,
      note: `gaps were not looked for, because the most common distance between events, ${durationText(step)}, is only ${share} of all`,
    }
  }
  const longer = sql`n.next >= ${leaves.addMicros(sql.ref('n.at'), BigInt(Math.ceil(step * 1.5)))}`
  const { sql: query } = warehouse.compile(sql`SELECT * FROM (${neighbours}) n WHERE ${longer} LIMIT 100`)
  const earliest = bigintAt(found, 4)
  const example =
    missing === 0 || earliest === null ? null : await gapExample(warehouse, scan, keys, earliest, step, run)
  return {
    ...base,
    message: `lacks events between an entity's first and last, which mostly come every ${durationText(step)},`,
    count: missing,
    total: pairs + missing,
    example,
    query,
  }
}

/**
 * Entities whose newest event lies more than `limit` microseconds before the newest of all. Events after `now` are
 * left out.
 */
export async function countSilent(warehouse: Warehouse, scan: TableScan, limit: number, run: Run): Promise<Count> {
  const { leaves } = warehouse
  const keys = keyNames(scan)
  const newest = sql`
    SELECT ${sql.join([...columns('s', keys), sql`MAX(s.at) AS ended`])}
    FROM (${events(leaves, scan, keys)}) s
    GROUP BY ${sql.join(columns('s', keys))}
  `
  const silent = sql`e.ended < ${leaves.addMicros(sql.ref('e.latest'), -BigInt(Math.round(limit)))}`
  const ends = sql`
    SELECT ${sql.join([...columns('n', keys), sql`n.ended`, sql`MAX(n.ended) OVER () AS latest`])}
    FROM (${newest}) n
  `
  const found = await warehouse.read(
    sql`
      SELECT COUNT(*) AS entities, ${whole(leaves, sql`SUM(CASE WHEN ${silent} THEN 1 ELSE 0 END)`)} AS silent
      FROM (${ends}) e
    `,
    run,
  )
  const [entities, count] = [Number(bigintAt(found, 0) ?? 0n), Number(bigintAt(found, 1) ?? 0n)]
  const list = sql`SELECT * FROM (${ends}) e WHERE ${silent}`
  const base = {
    column: null,
    check: 'silent',
    message: `ended more than ${durationText(limit)} before the newest event of the table`,
    count,
    total: entities,
    query: warehouse.compile(sql`${list} LIMIT 100`).sql,
  } as const
  if (count === 0) return { ...base, example: null }
  const first = await warehouse.read(
    sql`
      SELECT ${keyText('x', keys)} AS entity, ${leaves.epochMicros(sql.ref('x.ended'))} AS ended
      FROM (${list}) x
      ORDER BY x.ended, ${sql.join(columns('x', keys))} LIMIT 1
    `,
    run,
  )
  return { ...base, example: `${textAt(first, 0)}, last seen at ${shortInstant(bigintAt(first, 1) ?? 0n)}` }
}

// The earliest hole begins at `from`, so among the events from there on it lies between the first two of its entity.
// This needs no sorting.
async function gapExample(
  warehouse: Warehouse,
  scan: TableScan,
  keys: readonly string[],
  from: bigint,
  step: number,
  run: Run,
): Promise<string> {
  const { leaves } = warehouse
  const begins = leaves.timestamp(from)
  const pairs = sql`
    SELECT ${sql.join([...columns('s', keys), sql`MIN(s.at) AS at`, sql`MIN(CASE WHEN s.at > ${begins} THEN s.at END) AS next`])}
    FROM (${events(leaves, scan, keys)}) s
    WHERE s.at >= ${begins}
    GROUP BY ${sql.join(columns('s', keys))}
  `
  const found = await warehouse.read(
    sql`
    SELECT ${keyText('p', keys)} AS entity, ${leaves.epochMicros(sql.ref('p.next'))} AS next FROM (${pairs}) p
    WHERE p.at = ${begins} AND p.next >= ${leaves.addMicros(sql.ref('p.at'), BigInt(Math.ceil(step * 1.5)))}
    ORDER BY ${sql.join(columns('p', keys))} LIMIT 1`,
    run,
  )
  return `${textAt(found, 0)} between ${shortInstant(from)} and ${shortInstant(bigintAt(found, 1) ?? 0n)}`
}

function neighboursOf(leaves: Leaves, scan: TableScan, keys: readonly string[]): Sql {
  const next = sql`LEAD(s.at) OVER (PARTITION BY ${sql.join(columns('s', keys))} ORDER BY s.at) AS next`
  return sql`SELECT ${sql.join([...columns('s', keys), sql`s.at`, next])} FROM (${events(leaves, scan, keys)}) s`
}

/**
 * Keys as k0, k1 …, the time as `at` and `more` columns, of the rows that have all keys and are not from the future.
 */
export function events(
  leaves: Leaves,
  scan: TableScan,
  keys: readonly string[],
  more: { readonly reads: readonly string[]; readonly list: readonly Sql[] } = { reads: [], list: [] },
): Sql {
  const time = sql.id('o', scan.time ?? '')
  const known = keys.map((key) => sql`${sql.id('o', key)} IS NOT NULL`)
  const list = keys.map((key, index) => sql`${sql.id('o', key)} AS ${sql.id(`k${index}`)}`)
  return sql`
    SELECT ${sql.join([...list, sql`${time} AS at`, ...more.list])}
    FROM (${rawRows(leaves, scan, new Set([...scan.always, ...more.reads]))}) o
    WHERE ${sql.join([...known, sql`${time} <= ${leaves.timestamp(scan.now)}`], sql` AND `)}
  `
}

export function keyNames(scan: TableScan): readonly string[] {
  return scan.always.filter((name) => name !== scan.time)
}

export function columns(alias: string, keys: readonly string[]): readonly Sql[] {
  return keys.map((_, index) => sql.id(alias, `k${index}`))
}

export function keyText(alias: string, keys: readonly string[]): Sql {
  return sql.join(columns(alias, keys).map(text), sql` || ' ' || `)
}
