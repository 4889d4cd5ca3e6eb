import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCatalog, openLmdbStore, type Catalog, type OnlineStore } from '@martlet/feature-store'
import { folderArtifacts, openRegistry, type Registry } from '@martlet/registry'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import { openDemoWarehouse, type DemoPlace } from './warehouse.ts'

/** The four places that keep state, and where their files are. */
export interface DemoProject extends AsyncDisposable {
  readonly folder: string
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online: OnlineStore
  readonly registry: Registry
  readonly paths: {
    readonly warehouse: string
    readonly catalog: string
    readonly online: string
    readonly artifacts: string
    readonly log: string
    readonly reports: string
  }
}

const OWN = /^(warehouse\.duckdb|catalog\.sqlite|online|artifacts|log|reports)/

/**
 * Opens an empty project in a folder of the demo's own; what an earlier demo left there is removed.
 *
 * @throws MartletError FOLDER_NOT_A_DEMO when the folder has files that no demo has written
 * @throws MartletError DATABASE_NOT_A_DEMO when the Snowflake database has schemas that no demo has made
 */
export async function freshProject(folder: string, place: DemoPlace): Promise<DemoProject> {
  const entries = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new MartletError('FOLDER_NOT_A_DEMO', `${folder} is not a folder that can be read. Give another --folder.`, {
      data: { folder },
      cause: error,
    })
  })
  const foreign = entries.find((name) => !OWN.test(name))
  if (foreign !== undefined)
    throw new MartletError(
      'FOLDER_NOT_A_DEMO',
      `${folder} has ${foreign}, which no demo has written. ` +
        'The demo empties its folder, so give a new or empty one with --folder.',
      { data: { folder, entry: foreign } },
    )
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const paths = {
    warehouse: join(folder, 'warehouse.duckdb'),
    catalog: join(folder, 'catalog.sqlite'),
    online: join(folder, 'online'),
    artifacts: join(folder, 'artifacts'),
    log: join(folder, 'log'),
    reports: join(folder, 'reports'),
  }
  await mkdir(paths.reports, { mode: 0o700 })
  const warehouse = await openDemoWarehouse(place, paths.warehouse)
  const catalog = await openCatalog({ path: paths.catalog })
  const online = openLmdbStore({ path: paths.online })
  const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(paths.artifacts) })
  return {
    folder,
    warehouse,
    catalog,
    online,
    registry,
    paths,
    async [Symbol.asyncDispose]() {
      await online.close()
      await catalog.close()
      await warehouse.close()
    },
  }
}
