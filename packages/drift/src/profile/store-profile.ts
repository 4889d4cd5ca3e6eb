import { ensureTable, MartletError, sql, tableRef, type TableSpec, type Warehouse } from '@martlet/warehouse'
import { textsOf } from '../count/numbers-of.ts'
import { inTurn } from './in-turn.ts'
import { profileFromJson, profileToJson } from './profile-json.ts'
import type { ReferenceProfile } from './reference-profile.ts'

/** Profiles as JSON; comparisons use the newest one of a name. */
export const profiles: TableSpec = {
  table: 'monitoring.reference_profiles',
  columns: [
    { name: 'profile', type: 'text', nullable: false },
    { name: 'created_at', type: 'timestamp', nullable: false },
    { name: 'reference_rows', type: 'bigint', nullable: false },
    { name: 'body', type: 'text', nullable: false },
  ],
}

/** Stores a profile in `monitoring.reference_profiles`. The same name and time replace it; older profiles are kept. */
export async function storeProfile(warehouse: Warehouse, profile: ReferenceProfile): Promise<void> {
  await ensureTable(warehouse, profiles)
  const createdAt = warehouse.leaves.timestamp(Date.parse(profile.createdAt) * 1000)
  await inTurn(warehouse, profiles.table, async (transaction) => {
    await transaction.run(
      sql`DELETE FROM ${tableRef(profiles.table)} WHERE profile = ${profile.name} AND created_at = ${createdAt}`,
    )
    await transaction.run(
      sql`
        INSERT INTO ${tableRef(profiles.table)} (profile, created_at, reference_rows, body)
        SELECT ${profile.name}, ${createdAt}, ${profile.rows}, ${profileToJson(profile)}
      `,
    )
  })
}

/**
 * Reads the newest profile of a name.
 *
 * @throws MartletError PROFILE_NOT_FOUND when there is none; the message lists those that exist
 */
export async function readProfile(warehouse: Warehouse, name: string): Promise<ReferenceProfile> {
  if ((await warehouse.introspect(profiles.table)) === undefined) throw notFound(name, [])
  const batch = await warehouse.read(
    sql`
      SELECT body
      FROM ${tableRef(profiles.table)}
      WHERE profile = ${name}
      ORDER BY created_at DESC NULLS LAST LIMIT 1
    `,
  )
  const [body] = textsOf(batch.columns[0])
  if (typeof body === 'string') return profileFromJson(body)
  const known = await warehouse.read(sql`SELECT DISTINCT profile FROM ${tableRef(profiles.table)} ORDER BY profile`)
  throw notFound(name, textsOf(known.columns[0]))
}

function notFound(name: string, known: readonly (string | null)[]): MartletError {
  const others = known.length === 0 ? 'none is stored yet' : `stored are ${known.join(', ')}`
  return new MartletError(
    'PROFILE_NOT_FOUND',
    `There is no reference profile ${name}; ${others}. ` +
      'Build the training set (`martlet training-set`), or make one with profileReference and storeProfile.',
    { data: { profile: name } },
  )
}
