import { jobs } from './jobs/jobs.ts'
import { feast } from './feast/feast.ts'
import { martlet } from './martlet/martlet.ts'
import { operations } from './operations/operations.ts'
import type { Protocol } from './protocol.ts'

/** Every protocol that is served. */
export const protocols: readonly Protocol[] = [martlet, feast, jobs, operations]
