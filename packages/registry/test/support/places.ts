import { join } from 'node:path'
import process from 'node:process'
import Database from 'better-sqlite3'
import { openLockedSchema } from '@martlet/warehouse'
import { Kysely, SqliteDialect } from 'kysely'
import { onTestFinished } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { newSnowflakePlace, openSnowflakeAt } from '../../../warehouse/test/support/snowflake-place.ts'
import { snowflakeStore, sqliteDialect, type StoreDialect } from '../../src/index.ts'

type AnyDb = Kysely<Record<string, Record<string, unknown>>>

export interface OpenPlace {
  readonly db: AnyDb
  readonly dialect: StoreDialect
  close(): Promise<void>
}

/** Where a registry is: a SQLite file in this folder, or Snowflake at this address. */
export interface Place {
  readonly folder: string
  readonly address: string
}

/** A new place on the engine under test, taken away when the test ends. */
export async function newPlace(folder: string): Promise<Place> {
  if (testEngine === 'duckdb') {
    // Of processes that switch a new file to a write-ahead log at once, SQLite refuses all but one.
    openFile(folder).close()
    return { folder, address: '' }
  }
  const { address, end } = await newSnowflakePlace()
  onTestFinished(end)
  return { folder, address }
}

/** @param busyMs how long SQLite itself waits for another writer */
export async function openPlace({ folder, address }: Place, busyMs = 5000): Promise<OpenPlace> {
  if (address === '') {
    const db: AnyDb = new Kysely({ dialect: new SqliteDialect({ database: openFile(folder, busyMs) }) })
    return { db, dialect: sqliteDialect, close: () => db.destroy() }
  }
  const warehouse = await openSnowflakeAt(address)
  const db: AnyDb = await openLockedSchema(warehouse, 'catalog')
  return { db, dialect: snowflakeStore, close: () => warehouse.close() }
}

function openFile(folder: string, busyMs = 5000): Database.Database {
  const database = new Database(join(folder, 'catalog.sqlite'), { timeout: busyMs })
  database.pragma('journal_mode = WAL')
  return database
}

/** The place that the environment names to a process. */
export function placeOf(folder: string): Place {
  return { folder, address: process.env['MARTLET_TEST_DOUBLE'] ?? '' }
}
