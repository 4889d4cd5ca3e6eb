import type { Protocol } from '../protocol.ts'
import { jobRoutes } from './job-routes.ts'

/** Work that callers ask for and workers do. */
export const jobs: Protocol = { name: 'jobs', routes: (desk) => jobRoutes(desk) }
