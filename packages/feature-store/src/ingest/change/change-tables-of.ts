import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { DebeziumFormat } from '../formats/debezium.ts'
import type { ChangePlan } from './change-plan.ts'
import type { ChangeTables } from './apply/change-tables.ts'

/** What the reading of a source's changes has to know. */
export function changePlanOf(plan: IngestPlan<DebeziumFormat>): ChangePlan {
  return { name: plan.name, key: plan.id, columns: rowColumns(plan), format: plan.format }
}

/** The log of a source's changes and the tables that are made of it. */
export function changeTablesOf(plan: IngestPlan<DebeziumFormat>): ChangeTables {
  const { name, id, into, format } = plan
  const { history, deleted, committed } = format
  const mark = into.columns.find((column) => column.name === deleted)
  return {
    log: `raw.${name}_changes`,
    key: id,
    columns: rowColumns(plan),
    current: {
      table: into.table,
      columns: into.columns,
      committed,
      deleted: mark === undefined ? null : { name: mark.name, type: mark.type === 'boolean' ? 'boolean' : 'timestamp' },
    },
    history:
      history?.validFrom && history.validTo
        ? { table: history.table, columns: history.columns, validFrom: history.validFrom, validTo: history.validTo }
        : null,
  }
}

/** The columns that changes bring: those of both tables, without what Martlet fills in. */
function rowColumns({ into, format }: IngestPlan<DebeziumFormat>): readonly SourceColumn[] {
  const { history, deleted, committed } = format
  const own = into.columns.filter(({ name }) => name !== deleted && name !== committed)
  const more = (history?.columns ?? []).filter(({ name }) => name !== history?.validFrom && name !== history?.validTo)
  const both = own.map((column) => {
    const other = more.find(({ name }) => name === column.name)
    if (other === undefined) return column
    return {
      ...column,
      nullable: column.nullable && other.nullable,
      checks: [...column.checks, ...other.checks],
    }
  })
  return [...both, ...more.filter(({ name }) => !own.some((column) => column.name === name))]
}
