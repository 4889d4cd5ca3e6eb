import process from 'node:process'
import { openSnowflake, rowsOf, sql } from '@martlet/warehouse'
import type { SnowflakeOptions, Warehouse } from '@martlet/warehouse'
import { liveOptions } from './live-options.ts'

const PREFIX = 'MARTLET_TEST_'
const DAY_MS = 86_400_000

export interface LiveDatabase {
  readonly options: SnowflakeOptions
  drop(): Promise<void>
}

/**
 * A database of its own for one test file, dropped by `drop`; those that runs which were killed left behind a day ago
 * or longer are dropped first.
 */
export async function createLiveDatabase(now: number = Date.now()): Promise<LiveDatabase> {
  const database = databaseName(now)
  const admin = await openSnowflake(liveOptions())
  await admin.run(sql`CREATE DATABASE ${sql.id(database)}`)
  await sweep(admin, database, now)
  return {
    options: { ...liveOptions(), database, schema: 'PUBLIC' },
    drop: async () => {
      try {
        await admin.run(sql`DROP DATABASE IF EXISTS ${sql.id(database)}`)
      } finally {
        await admin.close()
      }
    },
  }
}

/** The name holds the time at which it was made. */
export function databaseName(now: number): string {
  return `${PREFIX}${now.toString(36)}_${process.pid}`.toUpperCase()
}

/** Whether a database is one of ours that was made a day ago or longer; names of any other form are nobody's to drop. */
export function isLeftOver(name: string, now: number): boolean {
  const made = Number.parseInt(/^MARTLET_TEST_([0-9A-Z]{8,9})_\d+$/.exec(name)?.[1] ?? '', 36)
  return Number.isFinite(made) && now - made >= DAY_MS
}

async function sweep(admin: Warehouse, database: string, now: number): Promise<void> {
  const found = rowsOf(
    await admin.read(
      sql`SELECT database_name AS name FROM ${sql.id(database, 'information_schema', 'databases')}
        WHERE STARTSWITH(database_name, ${PREFIX})`,
    ),
  )
  for (const { name } of found) {
    if (typeof name === 'string' && isLeftOver(name, now)) await admin.run(sql`DROP DATABASE IF EXISTS ${sql.id(name)}`)
  }
}
