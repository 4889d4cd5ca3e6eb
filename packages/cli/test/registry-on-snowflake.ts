import { currentDefinitions, openCatalog, readViewState } from '@martlet/feature-store'
import { feastRegistry } from '../src/export/feast/registry-file.ts'
import type { TestProject } from './run-martlet.ts'

/** The Feast registry that would be exported if the warehouse of a project were on Snowflake. */
export async function registryOnSnowflake(project: TestProject, name: string): Promise<Uint8Array> {
  await using catalog = await openCatalog({ path: project.path('.martlet', 'catalog.sqlite') })
  const definitions = await currentDefinitions(catalog.db)
  const views = definitions.flatMap((one) => (one.kind === 'view' ? [one] : []))
  return feastRegistry({
    project: name,
    views: await Promise.all(views.map(async (one) => ({ ...one, state: await readViewState(catalog.db, one.name) }))),
    services: definitions.flatMap((one) => (one.kind === 'service' ? [one] : [])),
    snowflake: { database: 'SHOP' },
  })
}
