import { setImmediate as nextTurn } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import type { DeskMetrics } from '../desk/desk-metrics.ts'
import { JsonBytes } from '../desk/json/json-bytes.ts'
import type { PredictionEntry, PredictionSink } from '../desk/model/predict/prediction-sink.ts'
import { modelFiles } from './model-files.ts'
import { isSampled } from './is-sampled.ts'
import { writePredictionLines } from './prediction-line.ts'
import { recoverLogs } from './recover.ts'

export interface PredictionLogOptions {
  /** Files go to `<folder>/<model>/<date>/….jsonl`. Only this user can read what is made there. */
  readonly folder: string
  /**
   * The share of requests that are logged. The id of a request decides, so every process decides the same about it. A
   * request is logged whole or not at all. @default 1
   */
  readonly sample?: number
  /**
   * Whether lines have the values that requests brought for on-demand features, so that those can be computed again. They may
   * be personal. @default false
   */
  readonly request?: boolean
  /** Rows that may wait in memory. Further ones are dropped and counted. @default 20000 */
  readonly queueRows?: number
  /** A file is finished when it is this large. @default 64 MiB */
  readonly rotateBytes?: number
  /** A file is finished when it is this old, in milliseconds. @default 5 minutes */
  readonly rotateMs?: number
  /** Lines are written this often, in milliseconds. @default 250 */
  readonly flushMs?: number
}

/** Writes predictions to files after their answers. It never slows or fails a request: what does not fit is dropped and counted. */
export interface PredictionLog extends PredictionSink {
  /** Writes what is waiting. */
  flush(): Promise<void>
  /** Writes what is waiting and finishes all files. */
  close(): Promise<void>
}

/** Rows that become text between two turns of the event loop. */
const ROWS_PER_TURN = 200

/**
 * Opens a prediction log, and finishes the files that a killed process left open.
 *
 * @throws MartletError `INVALID_LOG` when `sample` is not a share
 */
export function predictionLog(
  options: PredictionLogOptions,
  metrics: DeskMetrics,
  onError: (error: unknown) => void,
  worker?: number,
): PredictionLog {
  const { folder, sample = 1, request = false, queueRows = 20_000, flushMs = 250 } = options
  const { rotateBytes = 67_108_864, rotateMs = 300_000 } = options
  if (!(sample >= 0 && sample <= 1))
    throw new MartletError('INVALID_LOG', `log.sample is ${sample}. Give the share of requests to log, from 0 to 1.`)
  const files = modelFiles({ folder, worker }, { rotateBytes, rotateMs }, onError)
  const out = new JsonBytes()
  let waiting: PredictionEntry[] = []
  let waitingRows = 0
  let closed = false
  const recovered = recoverLogs(folder, rotateMs * 2).then(() => undefined, onError)
  let flushing: Promise<void> = recovered
  const timer = setInterval(() => void flush(), flushMs)
  timer.unref()

  /** One flush at a time, in order. */
  function flush(): Promise<void> {
    flushing = flushing.then(writeWaiting)
    return flushing
  }

  async function writeWaiting(): Promise<void> {
    const entries = waiting
    waiting = []
    const byModel = Map.groupBy(entries, (entry) => entry.model.model)
    for (const [model, ofModel] of byModel) {
      for (const group of groups(ofModel)) {
        await write(model, group)
        await nextTurn()
      }
    }
    await files.finishOld()
  }

  async function write(model: string, entries: readonly PredictionEntry[]): Promise<void> {
    const rows = rowsOf(entries)
    try {
      out.clear()
      for (const entry of entries) writePredictionLines(out, entry, request)
      await files.append(model, out.take().toString())
      metrics.logged.inc({ model }, rows)
    } catch (error) {
      metrics.logDropped.inc({ model, reason: 'write' }, rows)
      onError(error)
    } finally {
      waitingRows -= rows
    }
  }

  return {
    offer(entries) {
      const [first] = entries
      if (first === undefined || closed || !isSampled(first.requestId, sample)) return
      const rows = rowsOf(entries)
      if (waitingRows + rows > queueRows) {
        metrics.logDropped.inc({ model: first.model.model, reason: 'queue' }, rows)
        return
      }
      waiting.push(...entries)
      waitingRows += rows
    },
    flush,
    async close() {
      closed = true
      clearInterval(timer)
      await flush()
      await files.finishAll()
    },
  }
}

function rowsOf(entries: readonly PredictionEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.keys.length, 0)
}

/** Entries in groups of about so many rows as become text at once. */
function* groups(entries: readonly PredictionEntry[]): Generator<readonly PredictionEntry[]> {
  let group: PredictionEntry[] = []
  let rows = 0
  for (const entry of entries) {
    group.push(entry)
    rows += entry.keys.length
    if (rows < ROWS_PER_TURN) continue
    yield group
    group = []
    rows = 0
  }
  if (group.length > 0) yield group
}
