import type { Rollout } from '@martlet/registry'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { ModelReads } from '../feed/model-reads.ts'
import type { ModelSlot } from '../live/model-slot.ts'
import type { FilledRows } from '../predict/filled-rows.ts'
import type { PredictedRows, PredictionSink } from '../predict/prediction-sink.ts'
import { predictionWriter } from '../predict/prediction-writer.ts'
import { refuseMissing } from '../predict/required-features.ts'
import type { EvidenceBook } from './evidence-book.ts'
import { sameVectors } from './same-questions.ts'
import { differenceOf } from './score-of.ts'
import { versionFault } from './version-fault.ts'

/** Rows of a request that the candidate computes, so that a run never keeps the thread for long. */
const SHADOW_ROWS = 64

interface Parts {
  readonly rollout: Rollout
  readonly stable: ModelSlot
  readonly candidate: ModelSlot
  readonly requestId: string
  readonly at: bigint
  /** The first rows of the request, answered. */
  readonly first: PredictedRows
  readonly book: EvidenceBook
  readonly reads: ModelReads
  readonly log: PredictionSink | undefined
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
}

/** The candidate's run on a request that has been answered: counted, logged, and then discarded. It never rejects. */
export function shadowRun(parts: Parts): () => Promise<void> {
  const { rollout, stable, candidate, requestId, at, first, book, reads, log, metrics, onError } = parts
  const model = candidate.loaded
  const labels = { model: model.model, version: String(model.version) }

  async function filled(): Promise<FilledRows> {
    const { keys, asked, firstRow, vectors } = first
    // Vectors of few rows are taken as they are; of more, the first ones are read again.
    if (keys.length <= SHADOW_ROWS && sameVectors(stable.loaded, model)) return { keys, asked, firstRow, vectors }
    const part = { keys: keys.slice(0, SHADOW_ROWS), request: asked.request?.slice(0, SHADOW_ROWS) }
    return { keys: part.keys, asked: part, firstRow, vectors: await reads.readOf(model).read(part, at) }
  }

  return async () => {
    const counts = book.side(rollout, 'candidate')
    try {
      const rows = await filled()
      const read = reads.readOf(model)
      refuseMissing(model, [rows], read.writer, 'any')
      const startedAt = performance.now()
      const outputs = await model.predict(rows.vectors)
      const runMs = performance.now() - startedAt
      counts.request(runMs)
      counts.features(rows.vectors, model.fields.length)
      counts.scores(outputs, rows.keys.length)
      const difference = differenceOf(first.outputs, outputs, rows.keys.length)
      counts.difference(difference)
      metrics.shadowRows.inc(labels, rows.keys.length)
      metrics.shadowCompared.inc(labels, difference.compared)
      metrics.shadowDistance.inc(labels, difference.distance)
      metrics.shadowDisagreements.inc(labels, difference.disagreements)
      const writePrediction = predictionWriter(outputs)
      const trial = { rollout: rollout.rollout, role: 'shadow' as const }
      log?.offer([{ requestId, at, model, read, ...rows, outputs, runMs, writePrediction, trial }])
    } catch (error) {
      counts.request(undefined)
      metrics.modelErrors.inc({ ...labels, code: versionFault(error) ?? 'other' })
      if (versionFault(error) === 'internal') onError(error)
    }
  }
}
