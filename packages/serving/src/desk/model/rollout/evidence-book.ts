import { randomUUID } from 'node:crypto'
import type { EvidenceRecord, Rollout, RolloutSide } from '@martlet/registry'
import { sideCounts, type SideCounts } from './side-counts.ts'

/** What this process has seen of the versions of running roll-outs, and where it is stored. */
export interface EvidenceBook {
  side(rollout: Rollout, side: RolloutSide): SideCounts
  /** Stores what has changed, and forgets steps that are over. Never rejects: what could not be stored is stored later. */
  write(running: readonly Rollout[]): Promise<void>
}

interface Page {
  readonly key: Omit<EvidenceRecord, 'evidence'>
  readonly counts: SideCounts
  changed: boolean
}

/** @param onError called once for a row of failures */
export function evidenceBook(
  store: ((records: readonly EvidenceRecord[]) => Promise<void>) | undefined,
  onError: (error: unknown) => void,
): EvidenceBook {
  const writer = randomUUID()
  const pages = new Map<string, Page>()
  let failing = false

  return {
    side({ model, rollout, step }, side) {
      const name = nameOf({ model, rollout, step, side })
      const known = pages.get(name)
      if (known !== undefined) {
        known.changed = true
        return known.counts
      }
      const page: Page = { key: { model, rollout, step, side, writer }, counts: sideCounts(), changed: true }
      pages.set(name, page)
      return page.counts
    },
    async write(running) {
      const changed = [...pages.values()].filter((page) => page.changed)
      for (const page of changed) page.changed = false
      try {
        if (changed.length > 0)
          await store?.(changed.map(({ key, counts }) => ({ ...key, evidence: counts.evidence() })))
        failing = false
      } catch (error) {
        for (const page of changed) page.changed = true
        if (!failing) onError(error)
        failing = true
        return
      }
      const present = new Set(
        running.flatMap(({ model, rollout, step }) =>
          (['stable', 'candidate'] as const).map((side) => nameOf({ model, rollout, step, side })),
        ),
      )
      for (const [name, page] of pages) if (!present.has(name) && !page.changed) pages.delete(name)
    },
  }
}

function nameOf({ model, rollout, step, side }: Omit<EvidenceRecord, 'evidence' | 'writer'>): string {
  return `${model}\n${rollout}\n${step}\n${side}`
}
