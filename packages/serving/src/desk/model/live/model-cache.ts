import type { DeskMetrics } from '../../desk-metrics.ts'
import { Problem } from '../../problem.ts'
import { modelSlot, type ModelSlot } from './model-slot.ts'
import type { ModelSource, ServableModel } from '../model-source.ts'

/** The model versions in memory, each loaded once however many requests ask for it. */
export interface ModelCache {
  /** A version that is in memory, as its latest use; undefined when it has to be loaded. */
  peek(model: string, version: number): ModelSlot | undefined
  /** A version to use, loaded if necessary. It has been entered; the caller leaves it. */
  acquire(model: string, version: number): Promise<ModelSlot>
  /** Whether a request for this version would join a long queue. */
  isBusy(model: string, version: number): boolean
  /** Releases the least recently used versions that nothing keeps, down to the limit. */
  evict(): void
  slots(): Iterable<ModelSlot>
  /** Settles when no version is being loaded. Further loads are refused. */
  stop(): Promise<void>
  /** Releases all versions. */
  clear(): Promise<void>
}

interface Parts {
  readonly source: Pick<ModelSource, 'load'>
  /** Rejects when a model cannot be served with the present definitions. */
  readonly check: (model: ServableModel) => Promise<void>
  /** Versions that stay in memory although nothing keeps them. */
  readonly versionsLoaded: number
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
}

/** Versions that may wait to be loaded. */
export const LONGEST_QUEUE = 8

export function modelCache({ source, check, versionsLoaded, metrics, onError }: Parts): ModelCache {
  /** The least recently used first. */
  const slots = new Map<string, ModelSlot>()
  const loading = new Map<string, Promise<ModelSlot>>()
  /** The load that is queued last. Models are loaded one at a time, because preparing one blocks the thread for a while. */
  let lastLoad: Promise<unknown> = Promise.resolve()
  let stopped = false

  function peek(model: string, version: number): ModelSlot | undefined {
    const key = keyOf(model, version)
    const slot = slots.get(key)
    if (slot === undefined) return undefined
    slots.delete(key)
    slots.set(key, slot)
    return slot
  }

  function load(model: string, version: number): Promise<ModelSlot> {
    const key = keyOf(model, version)
    const pending = lastLoad.then(async () => {
      if (stopped)
        throw new Problem(503, 'SHUTTING_DOWN', 'The server is shutting down. Try again shortly.', { retryAfter: 1 })
      try {
        const slot = modelSlot(await checked(await source.load(model, version)), onError)
        metrics.modelLoads.inc({ model, outcome: 'loaded' })
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
    lastLoad = pending.catch(() => undefined)
    return pending
  }

  async function checked(loaded: ServableModel): Promise<ServableModel> {
    try {
      await check(loaded)
      return loaded
    } catch (error) {
      await loaded.release()
      throw error
    }
  }

  function evict(): void {
    const free = [...slots].filter(([, slot]) => !slot.kept)
    for (const [key, slot] of free.slice(0, Math.max(0, free.length - versionsLoaded))) {
      slots.delete(key)
      slot.retire()
    }
  }

  return {
    peek,
    async acquire(model, version) {
      for (;;) {
        const slot = peek(model, version) ?? (await (loading.get(keyOf(model, version)) ?? load(model, version)))
        // It may have been evicted while this request waited.
        if (slot.retired) continue
        slot.enter()
        return slot
      }
    },
    isBusy: (model, version) => loading.size >= LONGEST_QUEUE && !loading.has(keyOf(model, version)),
    evict,
    slots: () => slots.values(),
    async stop() {
      stopped = true
      await lastLoad
    },
    async clear() {
      const all = [...slots.values()]
      slots.clear()
      for (const slot of all) slot.retire()
      await Promise.all(all.map((slot) => slot.released))
    },
  }
}

function keyOf(model: string, version: number): string {
  return `${model}\n${version}`
}
