import { MartletError } from '@martlet/warehouse'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { ModelCache } from './model-cache.ts'
import type { ModelSlot } from './model-slot.ts'
import type { AliasTarget, ModelSource } from './model-source.ts'

/** Why an alias is not served by the version it names. */
export interface LoadFailure extends AliasTarget {
  readonly code: string
}

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
  /** How long a replaced version stays in memory, so that switching back is instant. */
  readonly graceMs: number
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
}

interface Retry {
  readonly at: number
  readonly pauseMs: number
}

interface Grace {
  readonly slot: ModelSlot
  readonly timer: NodeJS.Timeout
}

/** The alias that is served before anybody asks for it. */
export const PRELOADED_ALIAS = 'champion'
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

export function aliasFollower({ source, cache, graceMs, metrics, onError }: Parts): AliasFollower {
  // All by model and alias.
  let targets: ReadonlyMap<string, AliasTarget> = new Map()
  const served = new Map<string, { readonly model: string; readonly alias: string; readonly slot: ModelSlot }>()
  let failures = new Map<string, LoadFailure>()
  const retries = new Map<string, Retry>()
  /** The version that an alias served before: at most one, so that quick promotions do not pile up models. */
  const graces = new Map<string, Grace>()
  let failure: string | undefined
  let stopped = false

  async function followAll(): Promise<void> {
    try {
      const named = await source.aliases()
      targets = new Map(named.map((target) => [keyOf(target.model, target.alias), target]))
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      return
    }
    dropRemoved()
    for (const [key, target] of targets)
      if (!stopped && (target.alias === PRELOADED_ALIAS || served.has(key))) await follow(target)
    cache.evict()
  }

  function dropRemoved(): void {
    for (const [key, { model, alias, slot }] of served) {
      if (targets.has(key)) continue
      served.delete(key)
      slot.letGo()
      metrics.modelLive.remove({ model, alias, version: String(slot.loaded.version) })
    }
    failures = new Map([...failures].filter(([key]) => targets.has(key)))
  }

  async function follow(target: AliasTarget): Promise<void> {
    const { model, alias, version } = target
    const key = keyOf(model, alias)
    const retry = retries.get(key)
    try {
      if (served.get(key)?.slot.loaded.version !== version) {
        if (failures.get(key)?.version === version && retry !== undefined && performance.now() < retry.at) return
        const slot = await cache.acquire(model, version)
        swap(target, slot)
        slot.leave()
      }
      failures.delete(key)
      retries.delete(key)
    } catch (error) {
      const pauseMs = retry === undefined ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, retry.pauseMs * 2)
      retries.set(key, { at: performance.now() + pauseMs, pauseMs })
      if (failures.get(key)?.version !== version) onError(error)
      failures.set(key, { model, alias, version, code: error instanceof MartletError ? error.code : 'LOAD_FAILED' })
    }
  }

  /** From now on requests enter the new version; those under way finish with the old one. */
  function swap({ model, alias }: AliasTarget, slot: ModelSlot): void {
    const key = keyOf(model, alias)
    const old = served.get(key)?.slot
    if (old === slot) return
    slot.keep()
    served.set(key, { model, alias, slot })
    endGrace(key)
    if (old !== undefined) {
      metrics.modelLive.remove({ model, alias, version: String(old.loaded.version) })
      const timer = setTimeout(() => {
        endGrace(key)
        cache.evict()
      }, graceMs)
      timer.unref()
      // It stays kept: now by its grace instead of the alias.
      graces.set(key, { slot: old, timer })
    }
    metrics.modelLive.set({ model, alias, version: String(slot.loaded.version) }, 1)
    cache.evict()
  }

  function endGrace(key: string): void {
    const grace = graces.get(key)
    if (grace === undefined) return
    clearTimeout(grace.timer)
    grace.slot.letGo()
    graces.delete(key)
  }

  return {
    served: (model, alias) => served.get(keyOf(model, alias))?.slot,
    target: (model, alias) => targets.get(keyOf(model, alias)),
    targets: () => targets.values(),
    aliasesOf: (slot) => [...served.values()].filter((entry) => entry.slot === slot).map(({ alias }) => alias),
    followAll,
    follow,
    get failures() {
      return [...failures.values()]
    },
    get failure() {
      return failure
    },
    stop() {
      stopped = true
    },
    clear() {
      for (const key of graces.keys()) endGrace(key)
      served.clear()
    },
  }
}

function keyOf(model: string, alias: string): string {
  return `${model}\n${alias}`
}
