import type { DeskMetrics } from '../../desk-metrics.ts'
import { paceOf, type Pace } from '../../pace.ts'
import type { ServableModel } from '../model-source.ts'
import { SharedRuns, type Batching } from './shared-runs.ts'

/** What is kept about a model in memory between its requests. */
export interface ModelRuns {
  /** How many rows it predicts before other requests get a turn. */
  readonly pace: Pace
  readonly runs: SharedRuns
  /** Counts the time that the model ran for one request. */
  observe(milliseconds: number): void
}

/** What is kept about each model, and the rows that it has predicted. */
export interface AllRuns {
  of(model: ServableModel): ModelRuns
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

const SHARED_ROWS = 64

export function modelRuns({ waitMs = 0, rows: most = SHARED_ROWS }: Batching, metrics: DeskMetrics): AllRuns {
  const known = new WeakMap<ServableModel, ModelRuns>()
  /** By name and version, so that the rows of a released model are counted, too. */
  const counted = new Map<string, { readonly labels: Record<'model' | 'version', string>; rows: number }>()

  function prepare(model: ServableModel): ModelRuns {
    const labels = { model: model.model, version: String(model.version) }
    const key = `${labels.model}\n${labels.version}`
    const count = counted.get(key) ?? { labels, rows: 0 }
    counted.set(key, count)
    const pace = paceOf({ stepMs: 20, first: 64, least: 1, most: Number.MAX_SAFE_INTEGER })
    const duration = metrics.modelRun.labels(labels)
    const runs = new SharedRuns(model, { waitMs, rows: most }, (rows, requests, ms, waitedMs) => {
      pace.learn(rows, ms)
      count.rows += rows
      if (requests === 1) return
      metrics.modelShared.observe(labels, requests)
      metrics.modelWait.observe(labels, waitedMs / 1000)
    })
    return { pace, runs, observe: (milliseconds) => duration.observe(milliseconds / 1000) }
  }

  return {
    of(model) {
      const before = known.get(model)
      if (before !== undefined) return before
      const runs = prepare(model)
      known.set(model, runs)
      return runs
    },
    flush() {
      for (const count of counted.values()) {
        if (count.rows > 0) metrics.modelRows.inc(count.labels, count.rows)
        count.rows = 0
      }
    },
  }
}
