import type { Protocol } from '../protocol.ts'
import { artifactRoutes } from './artifact-routes.ts'
import { modelVersionRoutes } from './model-version-routes.ts'
import { registeredModelRoutes } from './registered-model-routes.ts'
import { serverRoutes } from './server-routes.ts'
import { writeRoutes } from './write-routes.ts'

/** The reading side of MLflow's model registry, so that its clients list, resolve and download models from here. */
export const mlflow: Protocol = {
  name: 'mlflow',
  routes: (desk, server) => [
    ...registeredModelRoutes(desk),
    ...modelVersionRoutes(desk),
    ...artifactRoutes(desk),
    ...writeRoutes(),
    ...serverRoutes(server),
  ],
}
