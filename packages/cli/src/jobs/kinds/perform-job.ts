import { MartletError } from '@martlet/warehouse'
import type { Project } from '../../project/project.ts'
import { jobArtifacts } from './job-artifacts.ts'
import type { JobArtifact, JobKindConfig } from './job-kind.ts'

/** What a job of a declared kind has brought about. */
export interface JobWork {
  readonly output: Readonly<Record<string, unknown>>
  readonly artifacts: readonly JobArtifact[]
  readonly measures: Readonly<Record<string, number>>
}

export interface PerformOptions {
  readonly project: Project
  readonly kind: string
  readonly config: JobKindConfig
  /** As they were asked for. */
  readonly given: unknown
  readonly askedAt: Date
  readonly signal: AbortSignal
  readonly note: (message: string) => void
}

/**
 * Does the work of a declared kind in this process.
 *
 * @throws MartletError `JOB_ARGUMENT_INVALID` when the arguments are not what the kind takes
 * @throws MartletError `JOB_WORK_INVALID` when a measure is no finite number or a name of an artifact is no file name
 */
export async function performJob(options: PerformOptions): Promise<JobWork> {
  const { project, kind, config, given, askedAt, signal, note } = options
  const input = config.input.safeParse(given)
  if (!input.success)
    throw new MartletError('JOB_ARGUMENT_INVALID', `These are no arguments of ${kind}: ${input.error.message}`, {
      data: { kind },
    })
  const store = jobArtifacts(project)
  const artifacts = new Map<string, JobArtifact>()
  const measures: Record<string, number> = {}
  const output = await config.run({
    input: input.data,
    askedAt,
    project,
    signal,
    note,
    async artifact(name, mediaType, content) {
      if (!/^[A-Za-z0-9][\w.-]{0,127}$/.test(name))
        throw invalid(`${JSON.stringify(name)} is not the name of an artifact: letters, digits, _, . and -`)
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      const kept = { name, mediaType, sha256: await store.put(bytes), bytes: bytes.length }
      artifacts.set(name, kept)
      return kept
    },
    measure(name, value) {
      if (!Number.isFinite(value)) throw invalid(`the measure ${name} of ${kind} is ${value}, not a finite number`)
      measures[name] = value
    },
  })
  return { output: output ?? {}, artifacts: [...artifacts.values()], measures }
}

function invalid(message: string): MartletError {
  return new MartletError('JOB_WORK_INVALID', `${message}.`)
}
