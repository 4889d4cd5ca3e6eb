import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCatalog, openLmdbStore, type Catalog, type OnlineStore } from '@martlet/feature-store'
import { folderArtifacts, openRegistry, type Registry } from '@martlet/registry'
import { openDuckDb, type Warehouse } from '@martlet/warehouse'

/** The four places that keep state, and where their files lie. */
export interface DemoProject extends AsyncDisposable {
  readonly folder: string
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online: OnlineStore
  readonly registry: Registry
  readonly paths: { readonly warehouse: string; readonly catalog: string; readonly online: string; readonly artifacts: string; readonly log: string; readonly reports: string }
}

/** Opens an empty project in a folder of the demo's own; what an earlier demo left there is removed. */
export async function freshProject(folder: string): Promise<DemoProject> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const paths = {
    warehouse: join(folder, 'warehouse.duckdb'),
    catalog: join(folder, 'catalog.sqlite'),
    online: join(folder, 'online'),
    artifacts: join(folder, 'artifacts'),
    log: join(folder, 'log'),
    reports: join(folder, 'reports'),
  }
  await mkdir(paths.reports)
  const warehouse = await openDuckDb({ path: paths.warehouse, memoryLimit: '4GB' })
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
