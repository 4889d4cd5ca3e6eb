import { z } from 'zod'
import type { JobArtifact } from './job-kind.ts'
import type { JobWork } from './perform-job.ts'

const artifact = z.object({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,127}$/),
  mediaType: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
})
const work: z.ZodType<JobWork> = z.object({
  output: z.record(z.string(), z.unknown()),
  artifacts: z.array(artifact),
  measures: z.record(z.string(), z.number()),
})

/** The work that the result of a job tells of; undefined when it is not that of a declared kind. */
export function workIn(result: unknown): JobWork | undefined {
  return work.safeParse(result).data
}

/** The files that a job wrote. */
export function artifactsIn(result: unknown): readonly JobArtifact[] {
  return workIn(result)?.artifacts ?? []
}
