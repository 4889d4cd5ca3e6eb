import { eventsOf, rawTable, sourceKeys, type IngestPlan, type ViewPlan } from '@martlet/feature-store'
import { sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { present } from './evidence.ts'
import { AT } from './recomputed-rows.ts'

/** When the events came that a row of a continuous view is made of now. */
export interface ArrivalEvidence {
  readonly join: Sql
  /** When the newest of them first came; null where nothing says it. */
  readonly newest: Sql
  /** One of them came after the prediction. */
  readonly later: Sql
}

/**
 * What `martlet ingest` has kept of arrivals: in the source's `arrived` column, or else in the raw rows, which have the id of
 * each event. Undefined where no source brings the facts, or an event cannot be found by its id.
 */
export async function arrivalEvidence(
  session: Warehouse,
  { source: from, entity }: ViewPlan,
  keys: readonly Sql[],
  sources: readonly IngestPlan[],
): Promise<ArrivalEvidence | undefined> {
  const fact = eventsOf(from)
  if (fact === undefined) return undefined
  const plan = sources.find(({ into }) => into.kind === 'fact' && into.table === fact.table)
  const arrivals = plan === undefined ? undefined : await arrivalOf(session, plan)
  if (arrivals === undefined) return undefined
  const names = sourceKeys(fact, entity).map((name) => sql.id('f', name))
  const aliases = names.map((_, i) => sql.raw(`arrival_key_${i}`))
  const [time, by] = [sql.id('f', fact.eventTime), sql.join(aliases)]
  const at = sql.id('p', AT)
  // Of events of one time as one, in order: the latest arrival up to each, and until when it is the newest.
  const events = sql`
    SELECT ${sql.join(names.map((name, i) => sql`${name} AS ${aliases[i] ?? name}`))}, ${time} AS happened,
      MIN(${arrivals.value}) AS first_came, MAX(${arrivals.value}) AS last_came
    FROM ${tableRef(fact.table)} f${arrivals.join} WHERE ${time} IS NOT NULL
    GROUP BY ${sql.join([...names, time])}
  `
  const ordered = sql`
    SELECT ${by}, happened, first_came,
      MAX(last_came) OVER (PARTITION BY ${by} ORDER BY happened ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest,
      LEAD(happened) OVER (PARTITION BY ${by} ORDER BY happened) AS next_one
    FROM (${events}) e
  `
  const same = aliases.map((alias, i) => sql`a.${alias} = ${keys[i] ?? sql`NULL`}`)
  const isNewest = sql`a.happened < ${at} AND (a.next_one IS NULL OR ${at} <= a.next_one)`
  return {
    join: sql` LEFT JOIN (${ordered}) a ON ${sql.join([...same, isNewest], sql` AND `)}`,
    newest: sql`a.first_came`,
    later: present(sql`a.latest > ${at}`),
  }
}

/** The arrival of a row `f` of the fact, with what it is joined to. */
async function arrivalOf(
  session: Warehouse,
  plan: IngestPlan,
): Promise<{ readonly value: Sql; readonly join: Sql } | undefined> {
  if (plan.arrived !== null) return { value: sql.id('f', plan.arrived), join: sql`` }
  const [name, ...more] = plan.id
  const id = plan.into.columns.find((column) => column.name === name)
  if (id === undefined || more.length > 0 || !isWrittenAsIs(id.type)) return undefined
  if ((await session.introspect(rawTable(plan))) === undefined) return undefined
  const raw = sql`SELECT _id AS id, MIN(_arrived_at) AS arrived FROM ${tableRef(rawTable(plan))} GROUP BY _id`
  return { value: sql`r.arrived`, join: sql` LEFT JOIN (${raw}) r ON r.id = CAST(${sql.id('f', id.name)} AS VARCHAR)` }
}

/** Whether the id of an event is the value as an engine writes it. */
function isWrittenAsIs(type: ColumnSpec['type']): boolean {
  return type === 'text' || type === 'integer' || type === 'bigint'
}
