import { MartletError } from '@martlet/warehouse'
import { Problem } from '../http/problem.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { notFound, type Viewer } from '../catalog/live-catalog.ts'
import { modelSlot, type ModelSlot } from './model-slot.ts'
import type { ModelSource, ServableModel } from './model-source.ts'

/** Which version a request wants. */
export type ModelChoice = { readonly alias: string } | { readonly version: number }

/** Why an alias is not served by the version it names. */
export interface LoadFailure {
  readonly model: string
  readonly alias: string
  readonly version: number
  readonly code: string
}

/** The models in memory: follows the aliases of the registry without ever failing a request that an old version can answer. */
export interface LiveModels {
  /** A model to use for one request; the caller leaves it. At once when it is in memory. */
  enter(model: string, choice: ModelChoice, caller: Viewer): ModelSlot | Promise<ModelSlot>
  /** Follows the aliases: loads aside, then flips between requests. Never rejects. */
  refresh(): Promise<void>
  readonly failures: readonly LoadFailure[]
  /** Why the registry could not be asked, if so. */
  readonly failure: string | undefined
  /** Names of models that have a champion, and what answers for it, if anything does. */
  readonly champions: ReadonlyMap<string, ServableModel | undefined>
  loadedOf(
    model: string,
  ): readonly { readonly version: number; readonly aliases: readonly string[]; readonly inFlight: number }[]
  close(): Promise<void>
}

interface Parts {
  readonly source: ModelSource
  /** Checks a model against the served definitions; rejects with what makes it unfit to serve. */
  readonly check: (model: ServableModel) => Promise<void>
  readonly versionsLoaded: number
  /** How long the version that was replaced stays in memory, for an instant way back. */
  readonly graceMs: number
  readonly metrics: ServingMetrics
  readonly onError: (error: unknown) => void
}

interface Retry {
  readonly at: number
  readonly pauseMs: number
}

const preloaded = 'champion'
/** Looks at the aliases in a second because of names that are not known, so that these do not become a query each. */
const looksPerSecond = 5
/** Versions asked for by number that may wait to be loaded. */
const longestQueue = 8

export function liveModels({ source, check, versionsLoaded, graceMs, metrics, onError }: Parts): LiveModels {
  /** `model\nversion` to what is loaded, the least recently used first. */
  const slots = new Map<string, ModelSlot>()
  const loading = new Map<string, Promise<ModelSlot>>()
  /** `model\nalias` to the version that answers for it: the one named, or the one before while that is being loaded. */
  const served = new Map<string, { readonly model: string; readonly alias: string; readonly slot: ModelSlot }>()
  const retries = new Map<string, Retry>()
  /** What an alias served before, by alias: one each, so that quick promotions do not pile up models. */
  const graces = new Map<string, { readonly slot: ModelSlot; readonly timer: NodeJS.Timeout }>()
  let targets: ReadonlyMap<string, { readonly model: string; readonly alias: string; readonly version: number }> =
    new Map()
  let failures = new Map<string, LoadFailure>()
  let failure: string | undefined
  // One at a time: preparing a model blocks the thread for a while.
  let queue: Promise<unknown> = Promise.resolve()
  let refreshing: Promise<void> | undefined
  let looks = { second: 0, count: 0 }
  let closed = false

  function slotOf(model: string, version: number): ModelSlot | Promise<ModelSlot> {
    const key = `${model}\n${version}`
    const slot = slots.get(key)
    if (slot === undefined) return loading.get(key) ?? load(model, version, key)
    slots.delete(key)
    slots.set(key, slot)
    return slot
  }

  function load(model: string, version: number, key: string): Promise<ModelSlot> {
    const pending = queue.then(async () => {
      if (closed) throw new Problem(503, 'SHUTTING_DOWN', 'the server is shutting down', { retryAfter: 1 })
      try {
        const loaded = await source.load(model, version)
        try {
          await check(loaded)
        } catch (error) {
          await loaded.release()
          throw error
        }
        metrics.modelLoads.inc({ model, outcome: 'loaded' })
        const slot = modelSlot(loaded, onError)
        slots.set(key, slot)
        evict()
        return slot
      } catch (error) {
        metrics.modelLoads.inc({ model, outcome: 'failed' })
        throw error
      } finally {
        loading.delete(key)
      }
    })
    loading.set(key, pending)
    queue = pending.catch(() => undefined)
    return pending
  }

  function isKept(slot: ModelSlot): boolean {
    for (const entry of served.values()) if (entry.slot === slot) return true
    for (const entry of graces.values()) if (entry.slot === slot) return true
    return false
  }

  /** Lets go of the least recently used versions that neither an alias nor a grace period keeps. */
  function evict(): void {
    const free = [...slots].filter(([, slot]) => !isKept(slot))
    for (const [key, slot] of free.slice(0, Math.max(0, free.length - versionsLoaded))) {
      slots.delete(key)
      slot.retire()
    }
  }

  /** A slot that is not being released, entered. */
  async function acquire(model: string, version: number): Promise<ModelSlot> {
    for (;;) {
      const slot = await slotOf(model, version)
      if (slot.retired) continue
      slot.enter()
      return slot
    }
  }

  function flip(
    key: string,
    { model, alias }: { readonly model: string; readonly alias: string },
    slot: ModelSlot,
  ): void {
    const old = served.get(key)?.slot
    if (old === slot) return
    served.set(key, { model, alias, slot })
    clearTimeout(graces.get(key)?.timer)
    graces.delete(key)
    if (old !== undefined) {
      metrics.modelLive.remove({ model, alias, version: String(old.loaded.version) })
      const timer = setTimeout(() => {
        graces.delete(key)
        evict()
      }, graceMs)
      timer.unref()
      graces.set(key, { slot: old, timer })
    }
    metrics.modelLive.set({ model, alias, version: String(slot.loaded.version) }, 1)
    evict()
  }

  async function follow(
    key: string,
    target: { readonly model: string; readonly alias: string; readonly version: number },
  ): Promise<void> {
    const { model, alias, version } = target
    if (served.get(key)?.slot.loaded.version === version) {
      failures.delete(key)
      retries.delete(key)
      return
    }
    const retry = retries.get(key)
    if (failures.get(key)?.version === version && retry !== undefined && performance.now() < retry.at) return
    try {
      const slot = await acquire(model, version)
      flip(key, target, slot)
      slot.leave()
      failures.delete(key)
      retries.delete(key)
    } catch (error) {
      const pauseMs = Math.min(60_000, (retry?.pauseMs ?? 500) * 2)
      retries.set(key, { at: performance.now() + pauseMs, pauseMs })
      if (failures.get(key)?.version !== version) onError(error)
      failures.set(key, { model, alias, version, code: error instanceof MartletError ? error.code : 'LOAD_FAILED' })
    }
  }

  async function followAll(): Promise<void> {
    try {
      const named = await source.aliases()
      targets = new Map(named.map((target) => [`${target.model}\n${target.alias}`, target]))
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      return
    }
    for (const [key, entry] of served) {
      if (targets.has(key)) continue
      served.delete(key)
      metrics.modelLive.remove({ model: entry.model, alias: entry.alias, version: String(entry.slot.loaded.version) })
    }
    failures = new Map([...failures].filter(([key]) => targets.has(key)))
    for (const [key, target] of targets)
      if (!closed && (target.alias === preloaded || served.has(key))) await follow(key, target)
    evict()
  }

  function mayLook(): boolean {
    const second = Math.floor(performance.now() / 1000)
    if (looks.second !== second) looks = { second, count: 0 }
    looks.count++
    return looks.count <= looksPerSecond
  }

  async function enterAlias(model: string, alias: string, caller: Viewer): Promise<ModelSlot> {
    const key = `${model}\n${alias}`
    let target = targets.get(key)
    if (target === undefined && mayLook()) {
      // Perhaps it was made a moment ago.
      await refresh()
      target = targets.get(key)
    }
    if (target === undefined) {
      const ofModel = [...targets.values()].filter((known) => known.model === model)
      if (ofModel.length === 0) throw await unknownModel(model, caller)
      throw notFound(
        'alias',
        alias,
        ofModel.map((known) => known.alias),
      )
    }
    await follow(key, target)
    const slot = served.get(key)?.slot
    if (slot === undefined) {
      throw new Problem(
        503,
        'MODEL_NOT_LOADED',
        `version ${target.version} of model ${model} could not be loaded; /health/ready says why`,
        { retryAfter: 5 },
      )
    }
    slot.enter()
    return slot
  }

  async function enterVersion(model: string, version: number, caller: Viewer): Promise<ModelSlot> {
    const versions = await source.versions(model)
    if (versions === undefined) throw await unknownModel(model, caller)
    if (!versions.some((known) => known.version === version)) {
      throw new Problem(
        404,
        'VERSION_UNKNOWN',
        `model ${model} has no version ${version}; its newest is ${versions[0]?.version ?? 'none'}`,
        { path: 'version' },
      )
    }
    if (loading.size >= longestQueue && !loading.has(`${model}\n${version}`)) {
      throw new Problem(503, 'MODELS_LOADING', `${longestQueue} versions are waiting to be loaded; try again shortly`, {
        retryAfter: 5,
      })
    }
    try {
      return await acquire(model, version)
    } catch (error) {
      if (error instanceof Problem) throw error
      onError(error)
      throw new Problem(503, 'MODEL_NOT_LOADED', `version ${version} of model ${model} could not be loaded`, {
        retryAfter: 5,
      })
    }
  }

  async function unknownModel(model: string, caller: Viewer): Promise<Problem> {
    const known = (await source.models()).map(({ name }) => name)
    if (known.includes(model))
      return new Problem(
        404,
        'ALIAS_UNKNOWN',
        `model ${model} has no alias yet; name a version or promote one to champion`,
        { path: 'alias' },
      )
    return notFound(
      'model',
      model,
      known.filter((name) => caller.maySee('model', name)),
    )
  }

  function refresh(): Promise<void> {
    refreshing ??= followAll().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return {
    enter(model, choice, caller) {
      if ('version' in choice) {
        const slot = slots.get(`${model}\n${choice.version}`)
        if (slot === undefined) return enterVersion(model, choice.version, caller)
        slots.delete(`${model}\n${choice.version}`)
        slots.set(`${model}\n${choice.version}`, slot)
        slot.enter()
        return slot
      }
      const slot = served.get(`${model}\n${choice.alias}`)?.slot
      if (slot === undefined) return enterAlias(model, choice.alias, caller)
      slot.enter()
      return slot
    },
    refresh,
    get failures() {
      return [...failures.values()]
    },
    get failure() {
      return failure
    },
    get champions() {
      const named = [...targets].filter(([, target]) => target.alias === preloaded)
      return new Map(named.map(([key, { model }]) => [model, served.get(key)?.slot.loaded]))
    },
    loadedOf(model) {
      return [...slots.values()]
        .filter((slot) => slot.loaded.model === model)
        .map((slot) => ({
          version: slot.loaded.version,
          aliases: [...served.values()].filter((entry) => entry.slot === slot).map(({ alias }) => alias),
          inFlight: slot.users,
        }))
    },
    async close() {
      closed = true
      await queue
      await refreshing
      for (const { timer } of graces.values()) clearTimeout(timer)
      graces.clear()
      served.clear()
      const all = [...slots.values()]
      slots.clear()
      for (const slot of all) slot.retire()
      await Promise.all(all.map((slot) => slot.released))
    },
  }
}
