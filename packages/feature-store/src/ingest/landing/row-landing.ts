import {
  dropTable,
  ensureTable,
  MartletError,
  sql,
  tableRef,
  temporaryTableName,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { EventReader, TypedEvent } from '../event-reader.ts'
import { eventReader } from '../read-events.ts'
import type { Landing, LandingEvent, RejectedEvent } from './landing.ts'
import { rejectedBatch, rejectedTable } from './raw-tables.ts'
import { typedBatch } from './typed-columns.ts'

/** Events become rows of the source's table, each id once: the row that was landed first stays. */
export function rowLanding(plan: IngestPlan): Landing {
  const { into, id } = plan
  const reader = eventReader(plan)
  const staged = temporaryTableName('events')
  const names = sql.join(into.columns.map(({ name }) => sql.id(name)))
  const position = positionOf(plan)
  const nth = ownName('nth', plan)

  const sameId = (one: string, other: string): Sql =>
    sql.join(
      id.map((name) => sql`${sql.id(one)}.${sql.id(name)} = ${sql.id(other)}.${sql.id(name)}`),
      sql` AND `,
    )

  async function stage(session: Warehouse, table: string): Promise<void> {
    await dropTable(session, table)
    const columns = [
      ...into.columns.map(({ name, type }) => ({ name, type })),
      { name: position, type: 'bigint' as const },
    ]
    await ensureTable(session, { table, columns, temporary: true })
  }

  return {
    async prepare(session) {
      await ensureTarget(session, plan)
      await stage(session, staged)
    },
    async write(transaction, events) {
      const { rows, rejected } = typed(reader, events)
      if (rows.length > 0) {
        await transaction.run(sql`DELETE FROM ${tableRef(staged)}`)
        await appendRows(transaction, staged, plan, rows)
        await transaction.run(sql`
          INSERT INTO ${tableRef(into.table)} (${names})
          SELECT ${names} FROM ${tableRef(staged)} AS staged
          WHERE NOT EXISTS (SELECT 1 FROM ${tableRef(into.table)} AS known WHERE ${sameId('known', 'staged')})
          ORDER BY ${sql.id(position)}
        `)
      }
      return rejected
    },
    async replay(session, all) {
      const gone = `${staged}_gone`
      const bad = `${staged}_rejected`
      await stage(session, staged)
      await stage(session, gone)
      await session.run(
        session.leaves.createTableAs(bad, sql`SELECT * FROM ${tableRef(rejectedTable(plan))} WHERE 1 = 0`, {
          temporary: true,
        }),
      )
      const idsOf = idReader(plan)
      const report = { rows: 0, rejected: 0 }
      for await (const events of all.batches()) {
        const { rows, rejected } = typed(reader, events)
        await appendRows(session, staged, plan, rows)
        const unread = rejected.map((one) => ({ ...one, rejected: undefined }))
        await appendRows(session, gone, plan, typed(idsOf, unread).rows)
        if (rejected.length > 0) await session.append(bad, rejectedBatch(rejected))
        report.rejected += rejected.length
      }
      const first = sql`
        SELECT ${names}, ${sql.id(position)}, ROW_NUMBER() OVER (
          PARTITION BY ${sql.join(id.map((name) => sql.id(name)))} ORDER BY ${sql.id(position)}
        ) AS ${sql.id(nth)}
        FROM ${tableRef(staged)}
      `
      await all.commit(async (transaction) => {
        // An event that is not valid any more has a row from when it was, unless it was in the quarantine then.
        const before = sql`SELECT ${sql.id('_position')} FROM ${tableRef(rejectedTable(plan))}`
        await transaction.run(sql`DELETE FROM ${tableRef(gone)} WHERE ${sql.id(position)} IN (${before})`)
        for (const table of [staged, gone])
          await transaction.run(sql`
            DELETE FROM ${tableRef(into.table)}
            WHERE EXISTS (SELECT 1 FROM ${tableRef(table)} AS staged WHERE ${ownId(plan)})
          `)
        report.rows = await transaction.run(sql`
          INSERT INTO ${tableRef(into.table)} (${names})
          SELECT ${names} FROM (${first}) AS numbered WHERE ${sql.id(nth)} = 1 ORDER BY ${sql.id(position)}
        `)
        await transaction.run(sql`DELETE FROM ${tableRef(rejectedTable(plan))}`)
        await transaction.run(sql`
          INSERT INTO ${tableRef(rejectedTable(plan))} SELECT * FROM ${tableRef(bad)} ORDER BY ${sql.id('_position')}
        `)
      })
      for (const table of [gone, bad]) await dropTable(session, table)
      return report
    },
  }
}

/** The column of a temporary table that has a row's place in `raw.<source>`. */
function positionOf(plan: IngestPlan): string {
  return ownName('_position', plan)
}

/** A name for a column of ours beside those of the source's table, none of which has it. */
function ownName(name: string, plan: IngestPlan): string {
  const isTaken = plan.into.columns.some((column) => column.name.toLowerCase() === name)
  return isTaken ? ownName(`${name}_`, plan) : name
}

/** The id of a row that is deleted is that of a staged one. */
function ownId({ into, id }: IngestPlan): Sql {
  return sql.join(
    id.map((name) => sql`staged.${sql.id(name)} = ${tableRef(into.table)}.${sql.id(name)}`),
    sql` AND `,
  )
}

interface Row {
  readonly position: bigint
  readonly event: TypedEvent
}

/** Rows of valid events, each id once, and the other events with the reasons. */
function typed(
  reader: EventReader,
  events: readonly LandingEvent[],
): { readonly rows: readonly Row[]; readonly rejected: readonly RejectedEvent[] } {
  const rows = new Map<string, Row>()
  const rejected: RejectedEvent[] = []
  for (const one of events) {
    const { position, body, arrived } = one
    const read = one.rejected === undefined ? reader.read({ body }, arrived) : { reasons: one.rejected }
    if (read.reasons !== undefined) rejected.push({ ...one, rejected: read.reasons })
    else if (read.event !== undefined && !rows.has(read.id)) rows.set(read.id, { position, event: read.event })
  }
  return { rows: [...rows.values()], rejected }
}

async function appendRows(warehouse: Warehouse, table: string, plan: IngestPlan, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  const { names, columns } = typedBatch(
    plan.into.columns,
    rows.map(({ event }) => event),
  )
  const positions = BigInt64Array.from(rows, ({ position }) => position)
  await warehouse.append(table, {
    rows: rows.length,
    names: [...names, positionOf(plan)],
    columns: [...columns, { type: 'bigint', values: positions, nulls: null }],
  })
}

/** Reads nothing but ids; the other columns are null. */
function idReader(plan: IngestPlan): EventReader {
  const { into } = plan
  const columns = into.columns.filter(({ name }) => plan.id.includes(name))
  const reader = eventReader({ ...plan, into: { ...into, columns } })
  const places = into.columns.map(({ name }) => columns.findIndex((column) => column.name === name))
  return {
    read({ body }, arrived) {
      const read = reader.read({ body }, arrived)
      if (read.event === undefined) return read
      const { values, time } = read.event
      return { ...read, event: { values: places.map((place) => values[place] ?? null), time } }
    },
  }
}

/** Makes the source's table where there is none; one that is there must have the columns, and may have others. */
async function ensureTarget(warehouse: Warehouse, { name, into }: IngestPlan): Promise<void> {
  const existing = await warehouse.introspect(into.table)
  if (existing === undefined) {
    await ensureTable(warehouse, { table: into.table, columns: into.columns })
    return
  }
  const known = new Set(existing.map((column) => column.name.toLowerCase()))
  const missing = into.columns.filter((column) => !known.has(column.name.toLowerCase())).map((column) => column.name)
  if (missing.length === 0) return
  throw new MartletError(
    'INGEST_TABLE_MISMATCH',
    `Table ${into.table} lacks ${missing.join(', ')}, which source ${name} brings. ` +
      'Add the columns to the table, or take them out of the definition.',
    { data: { source: name, table: into.table, missing } },
  )
}
