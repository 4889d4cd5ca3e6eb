import type { Catalog } from '@martlet/feature-store'

/** How far the tables of each component in a catalog have been migrated: `catalog version 3, registry version 2`. */
export async function schemaVersions({ db }: Catalog): Promise<string> {
  const versions = await db
    .selectFrom('schema_versions')
    .select(['component', (inner) => inner.fn.max('version').as('version')])
    .groupBy('component')
    .execute()
  return versions.map(({ component, version }) => `${component} version ${version}`).join(', ')
}
