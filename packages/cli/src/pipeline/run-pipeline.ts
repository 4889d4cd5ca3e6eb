import { acquireLease, type Catalog } from '@martlet/feature-store'
import { MartletError, waitWhile, type Waiting } from '@martlet/warehouse'
import type { StepRunner } from '../schedule/step-process.ts'
import type { Pipeline } from './pipeline.ts'

export interface PipelineStep {
  /** The command as it ran. */
  readonly command: string
  readonly seconds: number
}

export type PipelineEvent =
  | {
      readonly type: 'step'
      readonly pipeline: string
      readonly step: number
      readonly of: number
      readonly command: string
    }
  | { readonly type: 'step-end'; readonly pipeline: string; readonly step: number; readonly seconds: number }
  | { readonly type: 'output'; readonly line: string }

export interface RunPipelineOptions {
  readonly catalog: Catalog
  readonly pipeline: Pipeline
  readonly actor: string
  readonly config: string
  readonly folder: string
  readonly runStep: StepRunner
  readonly redact: (text: string) => string
  readonly waiting: Waiting | undefined
  readonly signal: AbortSignal
  readonly onEvent: (event: PipelineEvent) => void
}

/**
 * Runs the steps of a pipeline one after the other, each in a process of its own; at most one process runs it at a time, for
 * whatever values. Nothing is remembered of a run: one that ended early is repeated from its first step.
 * @throws MartletError PIPELINE_FAILED when a step fails; later ones are left out
 * @throws MartletError LEASE_HELD when another process runs the pipeline
 * @throws MartletError LEASE_LOST when another process took it over while this one was silent
 * @throws MartletError CANCELLED when `signal` ended it
 */
export async function runPipeline(options: RunPipelineOptions): Promise<readonly PipelineStep[]> {
  const { catalog, pipeline, actor, waiting, onEvent } = options
  const { name, steps } = pipeline
  await using lease = await waitWhile('LEASE_HELD', waiting, () =>
    acquireLease(catalog, `.pipeline ${name}`, actor, `Pipeline ${name} is being run`),
  )
  const signal = AbortSignal.any([options.signal, lease.lost])
  const done: PipelineStep[] = []
  for (const [step, words] of steps.entries()) {
    const command = options.redact(words.join(' '))
    onEvent({ type: 'step', pipeline: name, step: step + 1, of: steps.length, command })
    const started = performance.now()
    const end = await options.runStep({
      words,
      config: options.config,
      folder: options.folder,
      timeout: pipeline.timeout,
      signal,
      redact: options.redact,
      onStart: async () => undefined,
      onLine: (line) => onEvent({ type: 'output', line }),
    })
    if (end.stopped || signal.aborted) throw stopped(name, signal)
    if (end.error !== null)
      throw new MartletError(
        'PIPELINE_FAILED',
        `Step ${step + 1} of ${steps.length} of pipeline ${name} failed: martlet ${command}: ${end.error}. ` +
          'Later steps have not run. Correct the cause and run the pipeline again: what its steps have done, they may do again.',
        { data: { pipeline: name, step: step + 1, command, exitCode: end.exitCode, error: end.error, done } },
      )
    const seconds = Math.round(performance.now() - started) / 1000
    done.push({ command, seconds })
    onEvent({ type: 'step-end', pipeline: name, step: step + 1, seconds })
  }
  return done
}

function stopped(name: string, signal: AbortSignal): unknown {
  const why: unknown = signal.reason
  if (why instanceof MartletError) return why
  return new MartletError(
    'CANCELLED',
    `Pipeline ${name} was stopped. Run it again: what its steps have done, they may do again.`,
    { data: { pipeline: name } },
  )
}
