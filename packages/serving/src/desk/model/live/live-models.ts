import type { DeskMetrics } from '../../desk-metrics.ts'
import type { Viewer } from '../../principal.ts'
import { Problem } from '../../problem.ts'
import { aliasFollower, PRELOADED_ALIAS } from './alias-follower.ts'
import type { LoadFailure } from './load-failures.ts'
import { LONGEST_QUEUE, modelCache } from './model-cache.ts'
import { notLoaded, queueFull, unknownAlias, unknownModel } from './model-refusals.ts'
import type { ModelSlot } from './model-slot.ts'
import type { RunningRollouts } from '../rollout/running-rollouts.ts'
import type { ModelSource, ServableModel } from '../model-source.ts'
import { unknownVersion } from '../unknown-version.ts'

/** Which version a request asks for. */
export type ModelChoice = { readonly alias: string } | { readonly version: number }

/** A version in memory. */
export interface LoadedVersion {
  readonly version: number
  readonly aliases: readonly string[]
  readonly inFlight: number
}

/** The models that answer requests. They follow the registry, and no request fails that the previous version can answer. */
export interface LiveModels {
  /**
   * A model for one request; the caller leaves it. Returned at once when it is in memory.
   *
   * @throws Problem when there is no such model, alias or version, or it cannot be loaded now
   */
  enter(model: string, choice: ModelChoice, caller: Viewer): ModelSlot | Promise<ModelSlot>
  /** The version that answers for an alias, if it is in memory. It has not been entered. */
  peekAlias(model: string, alias: string): ModelSlot | undefined
  /** Follows the aliases: loads in the background, then swaps between two requests. Never rejects. */
  refresh(): Promise<void>
  readonly failures: readonly LoadFailure[]
  /** Why the registry could not be read, if so. */
  readonly failure: string | undefined
  /** Models that have a champion, and the version that answers for it, if any does. */
  readonly champions: ReadonlyMap<string, ServableModel | undefined>
  loadedOf(model: string): readonly LoadedVersion[]
  close(): Promise<void>
}

interface Parts {
  readonly source: ModelSource
  readonly rollouts: Pick<RunningRollouts, 'needs' | 'refresh'>
  /** Rejects when a model cannot be served with the present definitions. */
  readonly check: (model: ServableModel) => Promise<void>
  readonly versionsLoaded: number
  readonly graceMs: number
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
}

/** Reads of the registry per second because of unknown names, so that such requests do not become a query each. */
const LOOKUPS_PER_SECOND = 5

export function liveModels({ source, rollouts, check, versionsLoaded, graceMs, metrics, onError }: Parts): LiveModels {
  const cache = modelCache({ source, check, versionsLoaded, metrics, onError })
  const aliases = aliasFollower({ source, cache, needs: (target) => rollouts.needs(target), graceMs, metrics, onError })
  const mayLookUp = atMostPerSecond(LOOKUPS_PER_SECOND)
  let refreshing: Promise<void> | undefined

  function refresh(): Promise<void> {
    refreshing ??= rollouts
      .refresh(() => aliases.followAll())
      .finally(() => {
        refreshing = undefined
      })
    return refreshing
  }

  async function enterAlias(model: string, alias: string, caller: Viewer): Promise<ModelSlot> {
    // An unknown alias may have been set a moment ago.
    if (aliases.target(model, alias) === undefined && mayLookUp()) await refresh()
    const target = aliases.target(model, alias)
    if (target === undefined)
      throw unknownAlias(aliases.targets(), model, alias) ?? (await unknownModel(source, model, caller))
    await aliases.follow(target)
    const slot = aliases.served(model, alias)
    if (slot === undefined) throw notLoaded(model, target.version, 'GET /health/ready says why.')
    slot.enter()
    return slot
  }

  async function enterVersion(model: string, version: number, caller: Viewer): Promise<ModelSlot> {
    const versions = await source.versions(model)
    if (versions === undefined) throw await unknownModel(source, model, caller)
    if (!versions.some((known) => known.version === version)) throw unknownVersion(model, version, versions)
    if (cache.isBusy(model, version)) throw queueFull(LONGEST_QUEUE)
    try {
      return await cache.acquire(model, version)
    } catch (error) {
      if (error instanceof Problem) throw error
      onError(error)
      throw notLoaded(model, version, "The server's log has the reason.")
    }
  }

  return {
    enter(model, choice, caller) {
      const byVersion = 'version' in choice
      const slot = byVersion ? cache.peek(model, choice.version) : aliases.served(model, choice.alias)
      if (slot === undefined)
        return byVersion ? enterVersion(model, choice.version, caller) : enterAlias(model, choice.alias, caller)
      slot.enter()
      return slot
    },
    peekAlias: (model, alias) => aliases.served(model, alias),
    refresh,
    get failures() {
      return aliases.failures
    },
    get failure() {
      return aliases.failure
    },
    get champions() {
      const named = [...aliases.targets()].filter(({ alias }) => alias === PRELOADED_ALIAS)
      return new Map(named.map(({ model, alias }) => [model, aliases.served(model, alias)?.loaded]))
    },
    loadedOf: (model) =>
      [...cache.slots()]
        .filter((slot) => slot.loaded.model === model)
        .map((slot) => ({
          version: slot.loaded.version,
          aliases: aliases.aliasesOf(slot),
          inFlight: slot.users,
        })),
    async close() {
      aliases.stop()
      await cache.stop()
      await refreshing
      aliases.clear()
      await cache.clear()
    },
  }
}

function atMostPerSecond(limit: number): () => boolean {
  let second = 0
  let count = 0
  return () => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) [second, count] = [now, 0]
    count++
    return count <= limit
  }
}
