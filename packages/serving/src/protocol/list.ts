import { feast } from './feast/feast.ts'
import { jobs } from './jobs/jobs.ts'
import { martlet } from './martlet/martlet.ts'
import { mlflow } from './mlflow/mlflow.ts'
import { monitors } from './monitors/monitors.ts'
import { openInference } from './open-inference/open-inference.ts'
import { push } from './push/push.ts'
import { operations } from './operations/operations.ts'
import type { Protocol } from './protocol.ts'

/** Every protocol that is served. */
export const protocols: readonly Protocol[] = [martlet, openInference, feast, mlflow, jobs, monitors, push, operations]
