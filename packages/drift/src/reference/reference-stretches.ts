import type { TimeWindow } from '../count/windows.ts'
import { disjoint } from './open-reference.ts'
import { stretchesBefore, type ReferenceChoice } from './reference-choice.ts'

/**
 * The stretches of time whose rows a comparison of these windows reads beside the windows themselves: none for a stored
 * profile.
 *
 * @throws MartletError REFERENCE_INVALID when a length cannot be read, or reference windows would overlap
 */
export function referenceStretches(choice: ReferenceChoice, windows: readonly TimeWindow[]): readonly TimeWindow[] {
  return disjoint(
    windows.flatMap((window) => {
      const { all, windows: learnt } = stretchesBefore(choice, window)
      return [...all, ...learnt]
    }),
  )
}
