import type { Kysely } from 'kysely'
import { sql, rowsOf, tableRef, type Warehouse } from '@martlet/warehouse'
import type { CatalogTables } from '../catalog/tables.ts'
import { staleRows } from '../materialize/stale-rows.ts'
import { qualityResults } from '../quality/store-results.ts'
import type { KeyMentions } from './key-mentions.ts'

export interface CatalogErasure {
  readonly place: string
  readonly kind: 'example' | 'error text'
  readonly rows: number
}

interface Of {
  readonly mentions: KeyMentions
  /** Tables whose rows are about the entity, facts and features, and have been checked. */
  readonly checked: readonly string[]
  readonly views: readonly string[]
}

/**
 * Takes the keys out of examples of quality checks, here and in the warehouse, and out of the errors of runs;
 * `dryRun` only counts.
 */
export async function eraseFromCatalog(
  db: Kysely<CatalogTables>,
  warehouse: Warehouse,
  of: Of,
  dryRun: boolean,
): Promise<readonly CatalogErasure[]> {
  const found = [
    { place: 'quality_results of the catalog', kind: 'example' as const, rows: await inCatalog(db, of, dryRun) },
    ...(await Promise.all(
      [qualityResults.table, staleRows.table].map(async (table) => ({
        place: table,
        kind: 'example' as const,
        rows: await inWarehouse(warehouse, table, of, dryRun),
      })),
    )),
    { place: 'runs of the catalog', kind: 'error text' as const, rows: await inRuns(db, of, dryRun) },
    { place: 'schedules of the catalog', kind: 'error text' as const, rows: await inSchedules(db, of, dryRun) },
    { place: 'jobs of the catalog', kind: 'error text' as const, rows: await inJobs(db, of, dryRun) },
    { place: 'alerts of the catalog', kind: 'error text' as const, rows: await inAlerts(db, of, dryRun) },
  ]
  return found.filter(({ rows }) => rows > 0)
}

async function inCatalog(db: Kysely<CatalogTables>, { mentions, checked }: Of, dryRun: boolean): Promise<number> {
  if (checked.length === 0) return 0
  const examples = await db
    .selectFrom('quality_results')
    .select(({ fn }) => ['table_name', 'example', fn.countAll<number | bigint>().as('n')])
    .where('example', 'is not', null)
    .where('table_name', 'in', [...checked])
    .groupBy(['table_name', 'example'])
    .execute()
  let rows = 0
  for (const { table_name: table, example, n } of examples) {
    if (example === null || !mentions.inExample(example)) continue
    rows += Number(n)
    if (!dryRun)
      await db
        .updateTable('quality_results')
        .set({ example: null })
        .where('table_name', '=', table)
        .where('example', '=', example)
        .execute()
  }
  return rows
}

async function inWarehouse(
  warehouse: Warehouse,
  table: string,
  { mentions, checked }: Of,
  dryRun: boolean,
): Promise<number> {
  if (checked.length === 0 || (await warehouse.introspect(table)) === undefined) return 0
  const examples = rowsOf<{ table_name: string; example: string; n: number | bigint }>(
    await warehouse.read(
      sql`SELECT table_name, example, COUNT(*) AS n FROM ${tableRef(table)}
        WHERE example IS NOT NULL AND table_name IN (${sql.join(checked)}) GROUP BY table_name, example`,
    ),
  )
  let rows = 0
  for (const { table_name: of, example, n } of examples) {
    if (!mentions.inExample(example)) continue
    rows += Number(n)
    if (!dryRun)
      await warehouse.run(
        sql`UPDATE ${tableRef(table)} SET example = NULL WHERE table_name = ${of} AND example = ${example}`,
      )
  }
  return rows
}

async function inRuns(db: Kysely<CatalogTables>, { mentions, views }: Of, dryRun: boolean): Promise<number> {
  if (views.length === 0) return 0
  const failed = await db
    .selectFrom('runs')
    .select(['id', 'error'])
    .where('error', 'is not', null)
    .where('view', 'in', [...views])
    .execute()
  const changed = failed.flatMap(({ id, error }) => {
    const without = mentions.without(error ?? '')
    return without === error ? [] : [{ id, error: without }]
  })
  if (!dryRun)
    for (const { id, error } of changed) await db.updateTable('runs').set({ error }).where('id', '=', id).execute()
  return changed.length
}

/** Errors of slots, and errors and last lines of their steps, which quote those of runs. */
async function inSchedules(db: Kysely<CatalogTables>, { mentions, views }: Of, dryRun: boolean): Promise<number> {
  if (views.length === 0) return 0
  const without = (text: string | null): string | null => (text === null ? null : mentions.without(text))
  let rows = 0
  const slots = await db
    .selectFrom('schedule_slots')
    .select(['schedule', 'slot', 'error'])
    .where('error', 'is not', null)
    .execute()
  for (const { schedule, slot, error } of slots) {
    if (without(error) === error) continue
    rows++
    if (!dryRun)
      await db
        .updateTable('schedule_slots')
        .set({ error: without(error) })
        .where('schedule', '=', schedule)
        .where('slot', '=', slot)
        .execute()
  }
  const steps = await db
    .selectFrom('schedule_steps')
    .select(['schedule', 'slot', 'step', 'error', 'tail'])
    .where('error', 'is not', null)
    .execute()
  for (const { schedule, slot, step, error, tail } of steps) {
    if (without(error) === error && without(tail) === tail) continue
    rows++
    if (!dryRun)
      await db
        .updateTable('schedule_steps')
        .set({ error: without(error), tail: without(tail) })
        .where('schedule', '=', schedule)
        .where('slot', '=', slot)
        .where('step', '=', step)
        .execute()
  }
  return rows
}

/** Errors, last lines, progress and results of jobs, which quote those of runs. */
async function inJobs(db: Kysely<CatalogTables>, { mentions, views }: Of, dryRun: boolean): Promise<number> {
  if (views.length === 0) return 0
  const inText = (text: string | null): string | null => (text === null ? null : mentions.without(text))
  const jobs = await db.selectFrom('jobs').select(['id', 'error', 'log_tail', 'progress', 'result']).execute()
  let rows = 0
  for (const { id, ...texts } of jobs) {
    const without = {
      error: inText(texts.error),
      log_tail: inText(texts.log_tail),
      progress: withoutInJson(texts.progress, mentions),
      result: withoutInJson(texts.result, mentions),
    }
    if (JSON.stringify(without) === JSON.stringify(texts)) continue
    rows++
    if (!dryRun) await db.updateTable('jobs').set(without).where('id', '=', id).execute()
  }
  return rows
}

/**
 * Sentences of what is watched, and messages about it, which quote those of checks, runs and reports; why something was
 * acknowledged or muted; and what a channel answered.
 */
async function inAlerts(db: Kysely<CatalogTables>, { mentions, views }: Of, dryRun: boolean): Promise<number> {
  if (views.length === 0) return 0
  const inText = (text: string | null): string | null => (text === null ? null : mentions.without(text))
  let rows = 0
  const states = await db.selectFrom('alert_states').select(['subject', 'sentence', 'acknowledged_reason']).execute()
  for (const { subject, sentence, acknowledged_reason: reason } of states) {
    const without = { sentence: mentions.without(sentence), acknowledged_reason: inText(reason) }
    if (without.sentence === sentence && without.acknowledged_reason === reason) continue
    rows++
    if (!dryRun) await db.updateTable('alert_states').set(without).where('subject', '=', subject).execute()
  }
  for (const { subject, column_name: column, reason } of await db.selectFrom('muted_columns').selectAll().execute()) {
    const without = mentions.without(reason)
    if (without === reason) continue
    rows++
    if (!dryRun)
      await db
        .updateTable('muted_columns')
        .set({ reason: without })
        .where('subject', '=', subject)
        .where('column_name', '=', column)
        .execute()
  }
  for (const { id, message, error } of await db
    .selectFrom('alert_outbox')
    .select(['id', 'message', 'error'])
    .execute()) {
    const without = { message: withoutInJson(message, mentions) ?? message, error: inText(error) }
    if (without.message === message && without.error === error) continue
    rows++
    if (!dryRun) await db.updateTable('alert_outbox').set(without).where('id', '=', id).execute()
  }
  return rows
}

/** In JSON, only in its texts: a number of rows may be the same as a key. An example is a text of its own there. */
function withoutInJson(json: string | null, mentions: KeyMentions): string | null {
  if (json === null) return null
  return JSON.stringify(JSON.parse(json), (name, value: unknown) => {
    if (typeof value !== 'string') return value
    return name === 'example' && mentions.inExample(value) ? null : mentions.without(value)
  })
}

/** Texts that are never changed and hold a key: definitions are code, and the audit log says what was done. */
export async function keptTexts(db: Kysely<CatalogTables>, mentions: KeyMentions): Promise<readonly string[]> {
  const definitions = await db
    .selectFrom('definitions')
    .select(['kind', 'name', 'revision', 'plan', 'description', 'owner', 'tags'])
    .execute()
  const inDefinitions = definitions.filter(({ plan, description, owner, tags }) =>
    [plan, description ?? '', owner ?? '', tags].some((text) => mentions.inText(text)),
  )
  const log = await db.selectFrom('audit_log').select(['id', 'detail']).execute()
  const inLog = log.filter(({ detail }) => mentions.inText(detail))
  return [
    ...inDefinitions.map(
      ({ kind, name, revision }) =>
        `${kind} ${name}, revision ${revision}: its definition names a key; the catalog never changes revisions`,
    ),
    ...(inLog.length === 0
      ? []
      : [
          `audit log: ${inLog.length} ${inLog.length === 1 ? 'entry names' : 'entries name'} a key, and it is append-only`,
        ]),
  ]
}
