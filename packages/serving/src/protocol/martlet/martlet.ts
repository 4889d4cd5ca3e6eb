import type { Protocol } from '../protocol.ts'
import { artifactRoute } from './artifact-route.ts'
import { catalogRoutes } from './catalog-routes.ts'
import { featureRoutes } from './feature-routes.ts'
import { modelRoutes } from './model-routes.ts'
import { predictRoute } from './predict-route.ts'

/** Our own protocol: features, predictions, and what there is of both, in JSON. */
export const martlet: Protocol = {
  name: 'martlet',
  routes: (desk) => [
    ...featureRoutes(desk),
    predictRoute(desk),
    ...catalogRoutes(desk),
    ...modelRoutes(desk),
    artifactRoute(desk),
  ],
}
