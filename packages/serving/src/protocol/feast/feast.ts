import type { Protocol } from '../protocol.ts'
import { REFUSING } from './feast-error.ts'
import { healthRoute } from './health-route.ts'
import { materializeRoutes } from './materialize.ts'
import { onlineFeaturesRoute } from './online-features-route.ts'
import { writeRoutes } from './write-routes.ts'

/** The wire format of Feast's feature server, so that Feast's own clients read from here. */
export const feast: Protocol = {
  name: 'feast',
  routes: (desk) => [
    onlineFeaturesRoute(desk),
    healthRoute(desk),
    ...writeRoutes(desk),
    ...materializeRoutes(desk, REFUSING),
  ],
}
