import type { Rollout } from '@martlet/registry'
import type { ModelSource } from '../model-source.ts'
import type { EvidenceBook } from './evidence-book.ts'

/** The roll-outs that are running, as far as is known, one per model. */
export interface RunningRollouts {
  of(model: string): Rollout | undefined
  all(): readonly Rollout[]
  /** Whether a roll-out needs what the alias names. */
  needs(alias: { readonly model: string; readonly alias: string }): boolean
  /**
   * Reads them, follows the aliases, and only then lets them take effect, so that an alias that a roll-out has moved and its end are
   * seen together. Then stores what was seen. Never rejects; when they cannot be read, those that are known go on.
   *
   * @param follow follows the aliases; never rejects
   */
  refresh(follow: () => Promise<void>): Promise<void>
}

interface Parts {
  readonly source: Pick<ModelSource, 'rollouts'>
  readonly book: EvidenceBook
  readonly onError: (error: unknown) => void
}

export function runningRollouts({ source, book, onError }: Parts): RunningRollouts {
  let running: ReadonlyMap<string, Rollout> = new Map()
  /** As they were read last. */
  let known = running
  let failing = false

  async function read(): Promise<void> {
    if (source.rollouts === undefined) return
    try {
      known = new Map((await source.rollouts()).map((rollout) => [rollout.model, rollout]))
      failing = false
    } catch (error) {
      if (!failing) onError(error)
      failing = true
    }
  }

  return {
    of: (model) => running.get(model),
    all: () => [...running.values()],
    needs({ model, alias }) {
      const rollout = known.get(model)
      return rollout !== undefined && (alias === rollout.stable.alias || alias === rollout.candidate.alias)
    },
    async refresh(follow) {
      await read()
      await follow()
      running = known
      await book.write([...running.values()])
    },
  }
}
