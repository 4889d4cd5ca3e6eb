import type { Protocol } from '../protocol.ts'
import { monitorRoutes } from './monitor-routes.ts'

/** What monitors found, from the reports that `martlet drift` wrote. */
export const monitors: Protocol = { name: 'monitors', routes: (desk) => monitorRoutes(desk) }
