import type { DeskMetrics } from '../../desk-metrics.ts'
import type { AliasTarget, ModelSource } from '../model-source.ts'
import { gracePeriods } from './grace-periods.ts'
import { loadFailures, type LoadFailure } from './load-failures.ts'
import type { ModelCache } from './model-cache.ts'
import type { ModelSlot } from './model-slot.ts'

/** Serves every alias with the version it names in the registry, or with the previous version until that one is loaded. */
export interface AliasFollower {
  /** The version that answers for an alias. */
  served(model: string, alias: string): ModelSlot | undefined
  /** What an alias names, as far as is known. */
  target(model: string, alias: string): AliasTarget | undefined
  targets(): Iterable<AliasTarget>
  /** Aliases that a version answers for. */
  aliasesOf(slot: ModelSlot): readonly string[]
  /** Reads the aliases and follows those in use. Never rejects. */
  followAll(): Promise<void>
  /** Follows one alias: loads the version it names, then serves it. Never rejects; `failures` says what went wrong. */
  follow(target: AliasTarget): Promise<void>
  readonly failures: readonly LoadFailure[]
  /** Why the registry could not be read, if so. */
  readonly failure: string | undefined
  stop(): void
  clear(): void
}

interface Parts {
  readonly source: Pick<ModelSource, 'aliases'>
  readonly cache: ModelCache
  /** Whether the version that an alias names must be in memory although nobody has asked for it. */
  readonly needs: (target: AliasTarget) => boolean
  /** How long a replaced version stays in memory. */
  readonly graceMs: number
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
}

/** The alias that is served before anybody asks for it. */
export const PRELOADED_ALIAS = 'champion'

export function aliasFollower({ source, cache, needs, graceMs, metrics, onError }: Parts): AliasFollower {
  // All by model and alias.
  let targets: ReadonlyMap<string, AliasTarget> = new Map()
  const served = new Map<string, { readonly model: string; readonly alias: string; readonly slot: ModelSlot }>()
  const failures = loadFailures(onError)
  const graces = gracePeriods(graceMs, () => cache.evict())
  let failure: string | undefined
  let stopped = false

  async function followAll(): Promise<void> {
    try {
      const named = await source.aliases()
      targets = new Map(named.map((target) => [keyOf(target), target]))
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      return
    }
    dropRemoved()
    for (const [key, target] of targets)
      if (!stopped && (target.alias === PRELOADED_ALIAS || served.has(key) || needs(target))) await follow(target)
    cache.evict()
  }

  function dropRemoved(): void {
    for (const [key, entry] of served) {
      if (targets.has(key)) continue
      served.delete(key)
      entry.slot.letGo()
      metrics.modelLive.remove(labelsOf(entry, entry.slot))
    }
    failures.keepOnly((key) => targets.has(key))
  }

  async function follow(target: AliasTarget): Promise<void> {
    const { model, version } = target
    const key = keyOf(target)
    try {
      if (served.get(key)?.slot.loaded.version !== version) {
        if (!failures.mayTry(key, target)) return
        const slot = await cache.acquire(model, version)
        swap(target, slot)
        slot.leave()
      }
      failures.succeeded(key)
    } catch (error) {
      failures.failed(key, target, error)
    }
  }

  /** From now on requests enter the new version; those under way finish with the old one. */
  function swap({ model, alias }: AliasTarget, slot: ModelSlot): void {
    const key = keyOf({ model, alias })
    const old = served.get(key)?.slot
    if (old === slot) return
    slot.keep()
    served.set(key, { model, alias, slot })
    graces.end(key)
    if (old !== undefined) {
      metrics.modelLive.remove(labelsOf({ model, alias }, old))
      graces.begin(key, old)
    }
    metrics.modelLive.set(labelsOf({ model, alias }, slot), 1)
    cache.evict()
  }

  return {
    served: (model, alias) => served.get(keyOf({ model, alias }))?.slot,
    target: (model, alias) => targets.get(keyOf({ model, alias })),
    targets: () => targets.values(),
    aliasesOf: (slot) => [...served.values()].filter((entry) => entry.slot === slot).map(({ alias }) => alias),
    followAll,
    follow,
    get failures() {
      return failures.list()
    },
    get failure() {
      return failure
    },
    stop() {
      stopped = true
    },
    clear() {
      graces.endAll()
      served.clear()
    },
  }
}

type Named = Pick<AliasTarget, 'model' | 'alias'>

function keyOf({ model, alias }: Named): string {
  return `${model}\n${alias}`
}

function labelsOf({ model, alias }: Named, slot: ModelSlot): Record<'model' | 'alias' | 'version', string> {
  return { model, alias, version: String(slot.loaded.version) }
}
