import type { Kysely, Transaction } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { clockNow, instantText } from './instant.ts'
import type { SchemaVersionsTable } from './tables.ts'

type Versions = { schema_versions: SchemaVersionsTable }

/** One step of a schema; steps are only ever added at the end. */
export type Migration<Tables> = (db: Transaction<Tables>) => Promise<void>

/**
 * Brings the tables of one component (the catalog, the registry) to the newest version, in one transaction, also when
 * several processes open the file at once.
 * @throws MartletError CATALOG_TOO_NEW when a newer Martlet has written the file
 */
export async function migrate<Tables extends Versions>(db: Kysely<Tables>, component: string, steps: readonly Migration<Tables>[]): Promise<void> {
  const versions = versionsOf(db)
  await versions.schema.createTable('schema_versions').ifNotExists()
    .addColumn('component', 'text', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('applied_at', 'text', (column) => column.notNull())
    .execute()
  if ((await currentVersion(versions, component, steps.length)) === steps.length) return
  await db.transaction().execute(async (transaction) => {
    const inside = versionsOf(transaction)
    const version = await currentVersion(inside, component, steps.length)
    for (const step of steps.slice(version)) await step(transaction)
    const row = { component, version: steps.length, applied_at: instantText(clockNow()) }
    if (version === 0) await inside.insertInto('schema_versions').values(row).execute()
    else await inside.updateTable('schema_versions').set(row).where('component', '=', component).execute()
  })
}

async function currentVersion(db: Kysely<Versions>, component: string, known: number): Promise<number> {
  const row = await db.selectFrom('schema_versions').select('version').where('component', '=', component).executeTakeFirst()
  const version = row?.version ?? 0
  if (version > known) {
    throw new MartletError('CATALOG_TOO_NEW', `the ${component} tables are at version ${version}, this Martlet knows up to ${known}; upgrade Martlet in this process`, {
      data: { component, version, known },
    })
  }
  return version
}

function versionsOf<Tables extends Versions>(db: Kysely<Tables>): Kysely<Versions> {
  return db.withTables<Versions>() as unknown as Kysely<Versions>
}
