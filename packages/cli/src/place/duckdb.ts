import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { attempt } from './check.ts'
import { localPath } from './local-path.ts'
import type { WarehousePlace } from './place.ts'
import { prepareFolder } from './prepare-folder.ts'
import { sizeText } from './size-text.ts'

const IN_MEMORY = ':memory:'

interface DuckDbConfig {
  readonly duckdb: string
  readonly memoryLimit?: string
  readonly threads?: number
}

/** A DuckDB file, which one process at a time opens. */
export const duckdb: WarehousePlace<DuckDbConfig> = {
  engine: 'duckdb',
  form: '{ duckdb: <file> }',
  schema: () =>
    z.strictObject({
      duckdb: localPath,
      memoryLimit: z.string().optional(),
      threads: z.number().int().positive().optional(),
    }),
  path: ({ duckdb: path }, at) => (path === IN_MEMORY ? path : at(path)),
  async open(config, { at, wait }) {
    const { openDuckDb } = await import('@martlet/warehouse')
    const { duckdb: given, ...settings } = config
    const path = given === IN_MEMORY ? given : at(given)
    if (path !== IN_MEMORY) prepareFolder(dirname(path), 'warehouse.duckdb')
    return openDuckDb({ path, ...settings, ...(wait === undefined ? {} : { wait }) })
  },
  async check(_, { path, open }) {
    const name = 'warehouse'
    const file = path ?? IN_MEMORY
    if (file !== IN_MEMORY && !existsSync(file)) {
      const fix = 'It is made when it is first opened: load your tables into it.'
      return [{ name, state: 'warn', found: `duckdb ${file} is not there yet`, fix }]
    }
    try {
      await open()
      return [{ name, state: 'ok', found: `duckdb ${file}${sizeText(file)}` }]
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error)
      if (error instanceof MartletError && error.code === 'WAREHOUSE_LOCKED') {
        const fix = 'That is right while something is being materialized; otherwise stop that process.'
        return [{ name, state: 'warn', found, fix }]
      }
      const fix = 'Check warehouse.duckdb, the permissions of the file, and that this version of DuckDB can read it.'
      return [{ name, state: 'fail', found, fix }]
    }
  },
  checkModule: () =>
    attempt('duckdb', 'Install the packages again on this machine: npm ci', async () => {
      const { openDuckDb, rowsOf, sql } = await import('@martlet/warehouse')
      await using warehouse = await openDuckDb()
      const [row] = rowsOf<{ version: string }>(await warehouse.read(sql`SELECT version() AS version`))
      return row?.version ?? 'loads'
    }),
}
