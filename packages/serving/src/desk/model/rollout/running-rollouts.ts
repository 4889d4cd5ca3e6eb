import type { Rollout } from '@martlet/registry'
import type { ModelSource } from '../model-source.ts'
import type { EvidenceBook } from './evidence-book.ts'

/** The roll-outs that are running, as far as is known, one per model. */
export interface RunningRollouts {
  of(model: string): Rollout | undefined
  all(): readonly Rollout[]
  /** Whether a roll-out needs what the alias names. */
  needs(alias: { readonly model: string; readonly alias: string }): boolean
  /** Reads them, and stores what was seen of them. Never rejects; when they cannot be read, those that are known go on. */
  refresh(): Promise<void>
}

interface Parts {
  readonly source: Pick<ModelSource, 'rollouts'>
  readonly book: EvidenceBook
  readonly onError: (error: unknown) => void
}

export function runningRollouts({ source, book, onError }: Parts): RunningRollouts {
  let running: ReadonlyMap<string, Rollout> = new Map()
  let failing = false

  async function read(): Promise<void> {
    if (source.rollouts === undefined) return
    try {
      running = new Map((await source.rollouts()).map((rollout) => [rollout.model, rollout]))
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
      const rollout = running.get(model)
      return rollout !== undefined && (alias === rollout.stable.alias || alias === rollout.candidate.alias)
    },
    async refresh() {
      await read()
      await book.write([...running.values()])
    },
  }
}
