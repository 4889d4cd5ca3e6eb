import { DatabaseSync } from 'node:sqlite'

/** A row as it is in the file. */
export type RegistryRow = Readonly<Record<string, unknown>>

const TABLES = ['agreements', 'products', 'meterpoints', 'meters', 'bank_holidays'] as const

/** The tables of an export, row by row in the order of the file. */
export function registryTables(path: string): Readonly<Record<string, readonly RegistryRow[]>> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return Object.fromEntries(
      TABLES.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY rowid`).all()]),
    )
  } finally {
    database.close()
  }
}
