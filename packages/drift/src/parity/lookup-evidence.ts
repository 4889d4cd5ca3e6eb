import {
  entityIn,
  featureTable,
  featureTimeColumn,
  isContinuous,
  lookedUpColumn,
  nameIn,
  passedThroughOf,
  type Catalog,
  type ServiceView,
  type ViewRead,
} from '@martlet/feature-store'
import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { AT, type RecomputedRows } from './recomputed-rows.ts'
import { firstWritten, sameFeatures } from './table-evidence.ts'
import { age, NO, present } from './evidence.ts'
import { writtenRuns } from './written-runs.ts'

/** What is known about the row in which an entity was looked up. */
export interface LookupEvidence {
  readonly join: Sql
  /** By the definitions that row was too old. */
  readonly tooOld: Sql
  /** It had not been written by then, and the one before names another entity. */
  readonly behind: Sql
  /** It was written again after the prediction, or its feature table names another entity than the facts do now. */
  readonly changed: Sql
  /** The entity, as its feature table names it; as the facts do now where it has no such row. */
  readonly keys: readonly Sql[]
}

/** The log has no feature times of views that only look up an entity, so this is what the feature table and its runs say. */
export async function lookupEvidence(
  session: Warehouse,
  read: ServiceView & { readonly via: ViewRead },
  { table }: RecomputedRows,
  catalog: Catalog | undefined,
): Promise<LookupEvidence> {
  const { via } = read
  const { view } = via
  const due = sql.id('p', featureTimeColumn(nameIn(via)))
  const now = read.view.entity.keys.map((key) => sql.id('p', lookedUpColumn(nameIn(read), key.name)))
  const tooOld = view.ttl === null ? NO : present(sql`${age(session, due)} > ${sql.lit(view.ttl)}`)
  const bare: LookupEvidence = { join: sql``, tooOld, behind: NO, changed: NO, keys: now }
  if (isContinuous(view) || passedThroughOf(view.source) !== undefined) return bare
  const columns = await session.introspect(featureTable(view))
  const isSame = await sameFeatures(catalog, view)
  const isThere = (feature: string): boolean =>
    columns?.some(({ name }) => name === feature) === true && isSame(feature)
  if (columns?.some(({ name }) => name === 'run_id') !== true || !via.features.every(isThere)) return bare
  const own = view.entity.keys.map(({ name }) => sql.id(name))
  const order = sql.join(
    [...(own.length === 0 ? [] : [sql`PARTITION BY ${sql.join(own)}`]), sql`ORDER BY feature_time`],
    sql` `,
  )
  const rows = [
    ...own,
    sql`feature_time`,
    sql`run_id`,
    sql`LEAD(feature_time) OVER (${order}) AS next_time`,
    ...via.features.flatMap((feature, i) => [
      sql`${sql.id(feature)} AS ${key(i)}`,
      sql`LAG(${sql.id(feature)}) OVER (${order}) AS ${keyBefore(i)}`,
    ]),
  ]
  const same = view.entity.keys.map(
    ({ name }, i) => sql`${sql.id('l', name)} = ${sql.id('p', entityIn(read).keys[i]?.name ?? name)}`,
  )
  // The row that was due, or where there is none the one before it.
  const at = sql`l.feature_time <= ${due} AND (l.next_time IS NULL OR ${due} < l.next_time)`
  const row = sql`
    LEFT JOIN (SELECT ${sql.join(rows)} FROM ${tableRef(featureTable(view))}) l ON ${sql.join([...same, at], sql` AND `)}
  `
  const stored = present(sql`l.feature_time = ${due}`)
  const written = via.features.map((_, i) => sql`l.${key(i)}`)
  const before = via.features.map((_, i) => sql`CASE WHEN ${stored} THEN l.${keyBefore(i)} ELSE l.${key(i)} END`)
  const keys = now.map((one, i) => sql`CASE WHEN ${stored} THEN l.${key(i)} ELSE ${one} END`)
  const differs = (others: readonly Sql[]): Sql =>
    sql`(${sql.join(
      now.map((one, i) => otherThan(one, others[i] ?? one)),
      sql` OR `,
    )})`
  const otherNow = sql`(${stored} AND ${differs(written)})`
  if (catalog === undefined) return { ...bare, join: row, changed: otherNow, keys }
  const runs = await writtenRuns(session, catalog, view.name)
  const servedAt = sql.id('p', AT)
  const inTime = present(sql`x.ended <= ${servedAt}`)
  const rewritten = present(sql`y.ended > ${servedAt}`)
  return {
    tooOld,
    keys,
    join: sql`
      ${row}
      LEFT JOIN ${tableRef(runs)} y ON y.run_id = l.run_id AND l.feature_time = ${due}
      LEFT JOIN (${firstWritten(runs, table, nameIn(via))}) x ON x.t = ${due}
    `,
    behind: sql`(NOT ${inTime} AND ${differs(before)})`,
    // The entity that looks up may have come later, too.
    changed: sql`(${inTime} AND (${rewritten} OR ${otherNow} OR (NOT ${stored} AND ${differs(now.map(() => sql`NULL`))})))`,
  }
}

function key(i: number): Sql {
  return sql.raw(`key_${i}`)
}

function keyBefore(i: number): Sql {
  return sql.raw(`key_before_${i}`)
}

function otherThan(a: Sql, b: Sql): Sql {
  return sql`(CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NOT (${a} IS NULL AND ${b} IS NULL) ELSE ${a} <> ${b} END)`
}
