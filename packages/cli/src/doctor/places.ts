import { catalogOf, onlineOf, warehouseOf } from '../place/chosen-places.ts'
import type { Check } from '../place/check.ts'
import { attempt } from '../place/check.ts'
import { prepareFolder } from '../place/prepare-folder.ts'
import type { Project } from '../project/project.ts'

/** The four places: there, readable, writable, not locked. */
export async function checkPlaces(project: Project): Promise<readonly Check[]> {
  const { config, paths } = project
  return [
    ...(await warehouseOf(config).check(config.warehouse, { path: paths.warehouse, open: project.warehouse })),
    ...(await catalogOf(config).check(config.catalog, { path: paths.catalog, open: project.catalog })),
    ...(await onlineOf(config).check(config.online, { path: paths.online, open: project.online })),
    await attempt('artifacts', 'Correct artifacts.folder, or the permissions of that folder.', async () => {
      prepareFolder(paths.artifacts, 'artifacts.folder')
      return paths.artifacts
    }),
  ]
}
