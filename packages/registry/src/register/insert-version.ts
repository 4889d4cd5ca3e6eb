import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'

/** The row of a version that has no number yet. */
export type NewVersion = Omit<RegistryTables['model_versions'], 'version'>

/** Gives a row the next number of its model, unless the same file and signature are registered already. Run in a transaction. */
export async function insertVersion(
  db: RegistryDb,
  row: NewVersion,
  tags: Readonly<Record<string, string>>,
): Promise<{ readonly version: number; readonly created: boolean }> {
  const known = await db
    .selectFrom('model_versions')
    .select('version')
    .where('model', '=', row.model)
    .where('fingerprint', '=', row.fingerprint)
    .where('lifecycle', '<>', 'deleted')
    .orderBy('version')
    .executeTakeFirst()
  if (known !== undefined) return { version: known.version, created: false }
  await ensureModel(db, row)
  const version = await insertRow(db, row)
  for (const [tag, value] of Object.entries(tags))
    await db.insertInto('model_tags').values({ model: row.model, version, tag, value }).execute()
  return { version, created: true }
}

async function ensureModel(db: RegistryDb, { model: name, created_ms: now }: NewVersion): Promise<void> {
  const known = await db.selectFrom('registered_models').select('name').where('name', '=', name).executeTakeFirst()
  if (known === undefined)
    await db
      .insertInto('registered_models')
      .values({ name, description: '', created_ms: now, updated_ms: now })
      .execute()
  else await db.updateTable('registered_models').set({ updated_ms: now }).where('name', '=', name).execute()
}

/** Inserts the row with the next number and returns that number, found by the row's random `registration`. */
async function insertRow(db: RegistryDb, row: NewVersion): Promise<number> {
  const names = Object.keys(row).filter((name): name is keyof NewVersion => name in row)
  await db
    .insertInto('model_versions')
    .columns(['version', ...names])
    .expression((eb) =>
      eb
        .selectFrom('model_versions')
        .select((eb) => [
          eb(eb.fn.coalesce(eb.fn.max('version'), eb.lit(0)), '+', 1).as('version'),
          ...names.map((name) => eb.val(row[name]).as(name)),
        ])
        .where('model', '=', row.model),
    )
    .execute()
  const { version } = await db
    .selectFrom('model_versions')
    .select('version')
    .where('registration', '=', row.registration)
    .executeTakeFirstOrThrow()
  return version
}
