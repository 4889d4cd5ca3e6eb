/** How much work of one kind fits into a step, learnt from earlier steps. */
export interface Pace {
  /** Units of work, such as rows, for the next step. */
  readonly units: number
  learn(units: number, milliseconds: number): void
}

interface PaceOptions {
  /** Milliseconds that a step should take. */
  readonly stepMs: number
  /** Units of the first step, before anything has been learnt. */
  readonly first: number
  /** The fewest and the most units of any step. */
  readonly least: number
  readonly most: number
}

export function paceOf({ stepMs, first, least, most }: PaceOptions): Pace {
  let msPerUnit: number | undefined
  let units = first
  return {
    get units() {
      return units
    },
    learn(done, milliseconds) {
      const now = milliseconds / done
      // One slow step says little: it may have waited for a busy machine.
      msPerUnit = msPerUnit === undefined ? now : msPerUnit * 0.8 + now * 0.2
      units = Math.max(least, Math.min(most, Math.floor(stepMs / msPerUnit)))
    },
  }
}
