import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bindParameters,
  load,
  loadSlice,
  sql,
  type LoadReport,
  type SliceReport,
  type Warehouse,
} from '@martlet/warehouse'
import { daily, merged } from './mart-steps.ts'

export interface EtlDays {
  readonly referenceDate: string
  readonly since: string
}

const example = join(import.meta.dirname, '..')

/** What `martlet run etl` does, in a warehouse that is open. */
export async function runEtl(
  warehouse: Warehouse,
  { referenceDate, since }: EtlDays,
): Promise<readonly (LoadReport | SliceReport)[]> {
  const reports: (LoadReport | SliceReport)[] = []
  const text = (file: string): Promise<string> => readFile(join(example, file), 'utf8')
  for (const { from, ...step } of merged)
    reports.push(await load(warehouse, { ...step, from: { query: sql.raw(await text(from)) } }))
  const fill = (word: string): string => {
    const [, name, shift = '0'] = /^\{(reference-date|since)(?:([+-]\d+)d)?\}$/.exec(word) ?? []
    const day = name === 'since' ? since : referenceDate
    return new Date(Date.parse(day) + Number(shift) * 86_400_000).toISOString().slice(0, 10)
  }
  for (const { name, from, into, key, slice } of daily) {
    const query = bindParameters(await text(from), (placeholder) => sql`CAST(${fill(placeholder)} AS DATE)`)
    const days = { column: slice.column, from: fill(slice.from), to: fill(slice.to) }
    reports.push(await loadSlice(warehouse, { name, from: { query }, into, key, slice: days }))
  }
  return reports
}
