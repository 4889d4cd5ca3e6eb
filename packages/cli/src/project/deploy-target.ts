import { resolve } from 'node:path'
import { warehouseOf } from '../place/chosen-places.ts'
import type { DeployTarget } from '../place/place.ts'
import type { Project } from './project.ts'

/** Opens the warehouse of a project although some of what it names does not exist yet; the caller closes it. */
export async function openDeployTarget(project: Project): Promise<DeployTarget> {
  const { config, folder } = project
  const place = warehouseOf(config)
  const surroundings = { at: (path: string) => resolve(folder, path), wait: undefined, warehouse: project.warehouse }
  if (place.deployTarget !== undefined) return place.deployTarget(config.warehouse, surroundings)
  return { warehouse: await project.warehouse(), missing: [], close: async () => undefined }
}
