import { dropTable, ensureTable, sql, tableRef, temporaryTableName, type Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { DebeziumFormat } from '../formats/debezium.ts'
import type { Landing, LandingEvent, RejectedEvent } from '../landing/landing.ts'
import { rejectedBatch, rejectedColumns, rejectedTable } from '../landing/raw-tables.ts'
import { appendChanges, type PlacedChange } from './apply/append-changes.ts'
import { applyChanges, replayChanges } from './apply/apply-changes.ts'
import { ensureChangeTables, logColumns } from './apply/change-tables.ts'
import { changePlanOf, changeTablesOf } from './change-tables-of.ts'
import { changeReader, type ChangeReader } from './read-changes.ts'

/** Messages become changes in `raw.<source>_changes`, and these the rows and the intervals of the source's tables. */
export function changeLanding(plan: IngestPlan<DebeziumFormat>): Landing {
  const read = changeReader(changePlanOf(plan))
  const tables = changeTablesOf(plan)
  return {
    prepare: (session) => ensureChangeTables(session, tables),
    async write(transaction, events) {
      const { changes, rejected } = changesOf(read, events)
      const [first] = events
      if (changes.length === 0 || first === undefined) return rejected
      await appendChanges(transaction, tables, changes)
      await applyChanges(transaction, tables, first.position - 1n)
      return rejected
    },
    async replay(session, all) {
      const log = temporaryTableName('changes')
      const bad = temporaryTableName('rejected')
      await ensureTable(session, { table: log, columns: logColumns(tables), temporary: true })
      await ensureTable(session, { table: bad, columns: rejectedColumns, temporary: true })
      let count = 0
      for await (const events of all.batches()) {
        const { changes, rejected } = changesOf(read, events)
        await appendChanges(session, { ...tables, log }, changes)
        if (rejected.length > 0) await session.append(bad, rejectedBatch(rejected))
        count += rejected.length
      }
      let rows = 0
      await all.commit(async (transaction) => {
        await replace(transaction, tables.log, log)
        await replace(transaction, rejectedTable(plan), bad)
        const applied = await replayChanges(transaction, tables)
        rows = applied.current + applied.history
      })
      for (const table of [log, bad]) await dropTable(session, table)
      return { rows, rejected: count }
    },
  }
}

/** The changes of some messages, with their places, and the messages that are none. */
function changesOf(
  read: ChangeReader,
  events: readonly LandingEvent[],
): { readonly changes: readonly PlacedChange[]; readonly rejected: readonly RejectedEvent[] } {
  const changes: PlacedChange[] = []
  const rejected: RejectedEvent[] = []
  for (const event of events) {
    const { position, arrived, body } = event
    if (event.rejected !== undefined) {
      rejected.push({ ...event, rejected: event.rejected })
      continue
    }
    const message = read(body, { position, at: arrived })
    if (message.kind === 'rejected') rejected.push({ ...event, rejected: message.faults })
    else if (message.kind === 'changes') for (const change of message.changes) changes.push({ ...change, position })
  }
  return { changes, rejected }
}

async function replace(transaction: Warehouse, table: string, by: string): Promise<void> {
  await transaction.run(sql`DELETE FROM ${tableRef(table)}`)
  await transaction.run(
    sql`INSERT INTO ${tableRef(table)} SELECT * FROM ${tableRef(by)} ORDER BY ${sql.id('_position')}`,
  )
}
