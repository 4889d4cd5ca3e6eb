import type { Kysely, Transaction } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { clockNow, instantText } from './instant.ts'
import type { TableDefinition } from './table-definition.ts'
import type { SchemaVersionsTable } from './tables.ts'

type Versions = { schema_versions: SchemaVersionsTable }

/** One step of a schema; steps are only ever added at the end. */
export interface Migration<Tables> {
  readonly tables: readonly TableDefinition[]
  /** What else the step does, after its tables. */
  readonly change?: (db: Transaction<Tables>) => Promise<void>
}

/** How an engine makes the tables of a step. */
export interface SchemaEngine {
  /** False: every table that is made commits, so tables come before the transaction, and making one that exists is harmless. */
  readonly transactionalDdl: boolean
  /** Whether a statement failed because its table is not there. */
  readonly isMissing: (error: unknown) => boolean
  readonly createTable: <Tables>(db: Kysely<Tables>, table: TableDefinition) => Promise<void>
}

const VERSIONS: TableDefinition = {
  name: 'schema_versions',
  columns: { component: 'text!', version: 'integer!', applied_at: 'text!' },
  key: ['component'],
}

/**
 * Brings the tables of one component (the catalog, the registry) to the newest version, also when several processes open them at
 * once: in one transaction, or table by table where making a table commits; then the version is written when all of them are there.
 * @throws MartletError CATALOG_TOO_NEW when a newer Martlet has written them
 */
export async function migrate<Tables extends Versions>(
  db: Kysely<Tables>,
  engine: SchemaEngine,
  component: string,
  steps: readonly Migration<Tables>[],
): Promise<void> {
  const versions = versionsOf(db)
  const before = await readVersion(versions, engine, component, steps.length)
  if (before === steps.length) return
  const createTables = async <Any>(on: Kysely<Any>, from: number): Promise<void> => {
    for (const { tables } of steps.slice(from)) for (const table of tables) await engine.createTable(on, table)
  }
  if (!engine.transactionalDdl) await createTables(db, before)
  await db.transaction().execute(async (transaction) => {
    const inside = versionsOf(transaction)
    const version = await currentVersion(inside, component, steps.length)
    for (const step of steps.slice(version)) {
      if (engine.transactionalDdl) for (const table of step.tables) await engine.createTable(transaction, table)
      await step.change?.(transaction)
    }
    const row = { component, version: steps.length, applied_at: instantText(clockNow()) }
    if (version === 0) await inside.insertInto('schema_versions').values(row).execute()
    else await inside.updateTable('schema_versions').set(row).where('component', '=', component).execute()
  })
}

/** Whoever may only read and write the tables finds their version without making any. */
async function readVersion(
  versions: Kysely<Versions>,
  engine: SchemaEngine,
  component: string,
  known: number,
): Promise<number> {
  try {
    return await currentVersion(versions, component, known)
  } catch (error) {
    if (!engine.isMissing(error)) throw error
    await engine.createTable(versions, VERSIONS)
    return currentVersion(versions, component, known)
  }
}

async function currentVersion(db: Kysely<Versions>, component: string, known: number): Promise<number> {
  const row = await db
    .selectFrom('schema_versions')
    .select('version')
    .where('component', '=', component)
    .executeTakeFirst()
  const version = row?.version ?? 0
  if (version > known) {
    throw new MartletError(
      'CATALOG_TOO_NEW',
      `the ${component} tables are at version ${version}, this Martlet knows up to ${known}; upgrade Martlet in this process`,
      {
        data: { component, version, known },
      },
    )
  }
  return version
}

function versionsOf<Tables extends Versions>(db: Kysely<Tables>): Kysely<Versions> {
  return db.withTables<Versions>() as unknown as Kysely<Versions>
}
