/** How much work of one kind fits into a step, learnt from the steps before. */
export interface Pace {
  /** Units of work, such as rows, for the next step. */
  readonly units: number
  learn(units: number, milliseconds: number): void
}

interface PaceOptions {
  /** Milliseconds that a step should take. */
  readonly stepMs: number
  /** Units of the first step, when nothing is known yet. */
  readonly first: number
  /** The least and the most that a step is ever given. */
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
      // A single slow step, such as one that waited for a busy machine, says little.
      msPerUnit = msPerUnit === undefined ? now : msPerUnit * 0.8 + now * 0.2
      units = Math.max(least, Math.min(most, Math.floor(stepMs / msPerUnit)))
    },
  }
}
