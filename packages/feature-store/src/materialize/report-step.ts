import { instantText } from '../catalog/instant.ts'
import type { MaterializeEvent } from './events.ts'

type Step = Extract<MaterializeEvent, { type: 'step' }>['step']

export interface RunningStep {
  readonly view: string
  readonly step: Step
  /** Feature times of the chunk that is computed. */
  readonly range?: { readonly from: bigint; readonly to: bigint }
}

const everyMillis = 2_000

/** Reports a step of a run when it begins, and every two seconds until it has ended. */
export async function reportStep<T>(onProgress: ((event: MaterializeEvent) => void) | undefined, { view, step, range }: RunningStep, work: () => Promise<T>): Promise<T> {
  if (onProgress === undefined) return work()
  const start = performance.now()
  const [from, to] = range === undefined ? [null, null] : [instantText(range.from), instantText(range.to)]
  const report = (): void => onProgress({ type: 'step', view, step, from, to, seconds: (performance.now() - start) / 1000 })
  report()
  const timer = setInterval(report, everyMillis)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
