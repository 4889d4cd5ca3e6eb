import type { Warehouse } from '@martlet/warehouse'
import type { CheckOptions } from './check-view.ts'
import { scanTable, type ScanResult, type TableScan } from './table-scan.ts'

/** Scans a table, or waits for who does so already. */
export function scanOnce(warehouse: Warehouse, scan: TableScan, { memory, signal }: CheckOptions): Promise<ScanResult> {
  return once(memory, 'rows', scan, () => scanTable(warehouse, scan, signal))
}

/** What a map remembers about a scan, or what `make` makes. */
export function once(
  memory: CheckOptions['memory'],
  what: string,
  scan: TableScan,
  make: () => Promise<ScanResult>,
): Promise<ScanResult> {
  const key = JSON.stringify([what, scan], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  const known = memory?.get(key)
  if (known !== undefined) return known
  const made = make()
  memory?.set(key, made)
  return made
}
