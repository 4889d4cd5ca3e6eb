import type { Kysely, Transaction } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { clockNow, instantText } from './instant.ts'
import type { AddedColumn, TableDefinition } from './table-definition.ts'
import type { SchemaVersionsTable } from './tables.ts'

type Versions = { schema_versions: SchemaVersionsTable }

/** One step of a schema; steps are only ever added at the end. */
export interface Migration<Tables> {
  readonly tables: readonly TableDefinition[]
  /** Columns that tables of earlier steps get; null in the rows that are there. */
  readonly columns?: readonly AddedColumn[]
  /** What else the step does, after its tables. */
  readonly change?: (db: Transaction<Tables>) => Promise<void>
}

/** How an engine creates the tables of a step. */
export interface SchemaEngine {
  /**
   * False: creating a table commits, so tables and columns are made before the transaction; making one that exists is
   * harmless.
   */
  readonly transactionalDdl: boolean
  /** Whether a statement failed because its table does not exist. */
  readonly isMissing: (error: unknown) => boolean
  readonly createTable: <Tables>(db: Kysely<Tables>, table: TableDefinition) => Promise<void>
  readonly addColumn: <Tables>(db: Kysely<Tables>, column: AddedColumn) => Promise<void>
}

const VERSIONS: TableDefinition = {
  name: 'schema_versions',
  columns: { component: 'text!', version: 'integer!', applied_at: 'text!' },
  key: ['component'],
}

/**
 * Upgrades the tables of one component (the catalog, the registry) to the newest version; several processes may do so
 * at once. All steps run in one transaction. Where creating a table commits, tables come first, and the version is
 * written once all exist.
 * @throws MartletError CATALOG_TOO_NEW when a newer version of Martlet has written them
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
  const define = async <Any>(on: Kysely<Any>, { tables, columns = [] }: Migration<Tables>): Promise<void> => {
    for (const table of tables) await engine.createTable(on, table)
    for (const column of columns) await engine.addColumn(on, column)
  }
  if (!engine.transactionalDdl) for (const step of steps.slice(before)) await define(db, step)
  await db.transaction().execute(async (transaction) => {
    const inside = versionsOf(transaction)
    const version = await currentVersion(inside, component, steps.length)
    for (const step of steps.slice(version)) {
      if (engine.transactionalDdl) await define(transaction, step)
      await step.change?.(transaction)
    }
    const row = { component, version: steps.length, applied_at: instantText(clockNow()) }
    if (version === 0) await inside.insertInto('schema_versions').values(row).execute()
    else await inside.updateTable('schema_versions').set(row).where('component', '=', component).execute()
  })
}

/** Reads the version before creating anything: a user may lack the right to create tables. */
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
      `The ${component} tables are at version ${version}, and this version of Martlet knows up to ${known}. Upgrade Martlet here.`,
      { data: { component, version, known } },
    )
  }
  return version
}

function versionsOf<Tables extends Versions>(db: Kysely<Tables>): Kysely<Versions> {
  return db.withTables<Versions>() as unknown as Kysely<Versions>
}
