import { columnBatch, ensureTable, temporaryTableName, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import {
  profileReference,
  runDrift,
  type ColumnResult,
  type DriftResult,
  type Finding,
  type MetricName,
  type PolicyOptions,
  type ProfiledColumn,
  type ReferenceProfile,
} from '../src/index.ts'

export type Columns = Readonly<Record<string, ColumnInput>>

export const double = (values: readonly (number | null)[]): ColumnInput => ({ type: 'double', values })
export const text = (values: readonly (string | null)[]): ColumnInput => ({ type: 'text', values })

/** Puts arrays into a new table and returns its name. */
export async function tableOf(warehouse: Warehouse, columns: Columns): Promise<string> {
  const table = temporaryTableName('t')
  await ensureTable(warehouse, { table, columns: Object.entries(columns).map(([name, { type }]) => ({ name, type })) })
  await warehouse.append(table, columnBatch(columns))
  return table
}

export function columnsOf(columns: Columns): readonly ProfiledColumn[] {
  return Object.entries(columns).map(([name, { type }]) => ({ name, type }))
}

export interface Comparison {
  readonly profile: ReferenceProfile
  readonly result: DriftResult
}

export const now = new Date('2026-03-01T00:00:00Z')

/** Profiles one set of arrays and compares another with it, all in the warehouse. */
export async function compareTables(
  warehouse: Warehouse,
  reference: Columns,
  current: Columns,
  policy: PolicyOptions = {},
  exact = false,
): Promise<Comparison> {
  const table = await tableOf(warehouse, reference)
  const profile = await profileReference(warehouse, {
    name: 'test',
    relation: table,
    columns: columnsOf(reference),
    now,
  })
  const relation = await tableOf(warehouse, current)
  const result = await runDrift({
    warehouse,
    profile,
    current: { relation },
    policy,
    now,
    record: false,
    ...(exact ? { reference: table } : {}),
  })
  return { profile, result }
}

export function columnResult(result: DriftResult, name: string): ColumnResult {
  const found = result.windows.at(-1)?.columns.find((column) => column.name === name)
  if (found === undefined) throw new Error(`no column ${name} in the result`)
  return found
}

export function metricOf(
  result: { readonly metrics: ColumnResult['metrics'] },
  metric: MetricName,
): ColumnResult['metrics'][number] {
  const found = result.metrics.find((candidate) => candidate.metric === metric)
  if (found === undefined) throw new Error(`no metric ${metric}`)
  return found
}

export function findingsOf(result: DriftResult): readonly Finding[] {
  return result.windows.at(-1)?.findings ?? []
}
