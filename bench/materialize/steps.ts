import type { MaterializeEvent } from '@martlet/feature-store'
import type { Clock } from '../measure/child.ts'

/**
 * Notes how long the steps of a run took: pass `onProgress` to `materialize`, then call `end`. A step lasts until the next
 * one is reported for the first time.
 */
export function noteSteps(clock: Clock): {
  readonly onProgress: (event: MaterializeEvent) => void
  readonly end: () => void
} {
  const begun: (readonly [step: string, at: number])[] = []
  return {
    onProgress(event) {
      if (event.type === 'step' && begun.at(-1)?.[0] !== event.step) begun.push([event.step, performance.now()])
    },
    end() {
      const end = performance.now()
      for (const [index, [step, at]] of begun.entries()) clock.note(step, ((begun[index + 1]?.[1] ?? end) - at) / 1000)
    },
  }
}
