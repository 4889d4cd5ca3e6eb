import { instantText } from '../catalog/instant.ts'
import { heartbeat } from './heartbeat.ts'
import type { MaterializeEvent } from './events.ts'

type Step = Extract<MaterializeEvent, { type: 'step' }>['step']

export interface RunningStep {
  readonly view: string
  readonly step: Step
  /** The feature times of the chunk that is being computed. */
  readonly range?: { readonly from: bigint; readonly to: bigint }
}

/** Reports a step of a run when it begins, and every two seconds until it ends. */
export function reportStep<T>(
  onProgress: ((event: MaterializeEvent) => void) | undefined,
  { view, step, range }: RunningStep,
  work: () => Promise<T>,
): Promise<T> {
  const [from, to] = range === undefined ? [null, null] : [instantText(range.from), instantText(range.to)]
  return heartbeat(
    onProgress === undefined ? undefined : (seconds) => onProgress({ type: 'step', view, step, from, to, seconds }),
    work,
  )
}
