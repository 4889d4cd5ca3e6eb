import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckDb, runScript, type Warehouse } from '@martlet/warehouse'

const FILES = ['0001-schemas', '0002-raw', '0003-staging', '0004-mart'] as const

/** A warehouse with the empty tables that `martlet deploy` makes. */
export async function openMart(path = ':memory:'): Promise<Warehouse> {
  const warehouse = await openDuckDb({ path, memoryLimit: '2GB' })
  for (const file of FILES)
    await runScript(warehouse, await readFile(join(import.meta.dirname, `../sql/duckdb/${file}.sql`), 'utf8'))
  return warehouse
}
