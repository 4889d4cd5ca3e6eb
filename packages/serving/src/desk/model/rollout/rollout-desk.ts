import { presentStep, type Rollout, type RolloutSide } from '@martlet/registry'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { Asked, PreparedRead } from '../../features/prepared-read.ts'
import { Problem } from '../../problem.ts'
import { sentence } from '../../sentence.ts'
import type { ModelReads } from '../feed/model-reads.ts'
import type { LiveModels, ModelChoice } from '../live/live-models.ts'
import type { ModelSlot } from '../live/model-slot.ts'
import type { PredictedRows, PredictionSink } from '../predict/prediction-sink.ts'
import { entityShare, keyTextOf } from './entity-share.ts'
import type { EvidenceBook } from './evidence-book.ts'
import type { RunningRollouts } from './running-rollouts.ts'
import { sameQuestions } from './same-questions.ts'
import { shadowQueue, type ShadowQueue } from './shadow-queue.ts'
import { shadowRun } from './shadow-run.ts'

/** What a request asks a model. */
export interface Question {
  readonly model: string
  readonly choice: ModelChoice
  asked(read: PreparedRead): Asked
}

/** One answered request, as far as roll-outs have to know it. */
export interface AnsweredRequest {
  readonly requestId: string
  readonly at: bigint
  readonly parts: readonly PredictedRows[]
  /** Milliseconds since the request was begun. */
  readonly milliseconds: number
}

/** One request during a roll-out. */
export interface Trial {
  readonly rollout: number
  readonly side: RolloutSide
  answered(request: AnsweredRequest): void
  /** The version failed the request. */
  failed(): void
}

/** The version that answers a request, entered, with what it is asked. */
export interface Chosen {
  readonly slot: ModelSlot
  readonly read: PreparedRead
  readonly asked: Asked
  /** Undefined when the model has no running roll-out, or the request names a version. */
  readonly trial: Trial | undefined
}

/** Shares the requests of a model among the two versions of its roll-out. */
export interface RolloutDesk {
  /**
   * Chooses the version by the first key of the request, so that each answer is by exactly one version. Leaves the given slot when
   * it enters another one.
   *
   * @throws Problem when the request does not ask what the model needs
   */
  choose(question: Question, entered: ModelSlot, requestId: string): Chosen
  /** Why a roll-out has no effect at the moment, as a sentence; undefined when it has. */
  obstacle(rollout: Rollout): string | undefined
  readonly running: RunningRollouts
  /** Brings the weights in the metrics up to date. */
  measure(): void
  /** Ends shadow runs and stores what was seen. */
  close(): Promise<void>
}

interface Parts {
  readonly running: RunningRollouts
  readonly book: EvidenceBook
  readonly live: Pick<LiveModels, 'peekAlias' | 'failures'>
  readonly reads: ModelReads
  readonly log: PredictionSink | undefined
  readonly metrics: DeskMetrics
  readonly onError: (error: unknown) => void
  readonly shadows?: ShadowQueue
}

export function rolloutDesk(parts: Parts): RolloutDesk {
  const { running, book, live, reads, metrics, onError, shadows = shadowQueue() } = parts
  const alike = new WeakMap<PreparedRead, WeakMap<PreparedRead, boolean>>()
  const keyTexts = new WeakMap<PreparedRead, ReturnType<typeof keyTextOf> | null>()

  function areAlike(left: PreparedRead, right: PreparedRead): boolean {
    const others = alike.get(left) ?? new WeakMap<PreparedRead, boolean>()
    alike.set(left, others)
    const known = others.get(right) ?? sameQuestions(left, right)
    others.set(right, known)
    return known
  }

  /** The candidate's slot when it can take requests of the stable version. */
  function readyCandidate({ model, stable, candidate }: Rollout, entered: ModelSlot): ModelSlot | undefined {
    if (entered.loaded.version !== stable.version) return undefined
    const slot = live.peekAlias(model, candidate.alias)
    if (slot === undefined || slot.loaded.version !== candidate.version) return undefined
    const its = readOrNothing(slot)
    return its !== undefined && areAlike(reads.readOf(entered.loaded), its) ? slot : undefined
  }

  function readOrNothing(slot: ModelSlot): PreparedRead | undefined {
    try {
      return reads.readOf(slot.loaded)
    } catch (error) {
      if (error instanceof Problem) return undefined
      throw error
    }
  }

  function shareOf(rollout: Rollout, read: PreparedRead, { keys }: Asked, requestId: string): number {
    let textOf = keyTexts.get(read)
    if (textOf === undefined) keyTexts.set(read, (textOf = keyTextOf(read.plan) ?? null))
    const [first] = keys
    const text = textOf === null || first === undefined ? requestId : textOf(first)
    return entityShare(`${rollout.model}/${rollout.rollout}`, text)
  }

  function trialOf(rollout: Rollout, side: RolloutSide, slot: ModelSlot, shadowed: ModelSlot | undefined): Trial {
    const labels = { model: rollout.model, version: String(slot.loaded.version), side }
    const isShadowStep = presentStep(rollout)?.shadow === true
    function observe({ requestId, at, parts: rows, milliseconds }: AnsweredRequest): void {
      metrics.rolloutRequests.inc(labels)
      const counts = book.side(rollout, side)
      counts.request(isShadowStep ? rows.reduce((sum, { runMs }) => sum + runMs, 0) : milliseconds)
      for (const { vectors, outputs, keys } of rows) {
        counts.scores(outputs, keys.length)
        if (rows[0]?.vectors === vectors) counts.features(vectors, slot.loaded.fields.length)
      }
      const [first] = rows
      if (shadowed === undefined || first === undefined) return
      shadowed.enter()
      const run = shadowRun({ ...parts, rollout, stable: slot, candidate: shadowed, requestId, at, first })
      const dropped = shadows.offer(() => run().finally(() => shadowed.leave()))
      if (dropped === undefined) return
      shadowed.leave()
      metrics.shadowDropped.inc({ model: rollout.model, reason: dropped })
    }

    return {
      rollout: rollout.rollout,
      side,
      answered(request) {
        // Whatever goes wrong here, the request has its answer.
        try {
          observe(request)
        } catch (error) {
          onError(error)
        }
      },
      failed() {
        metrics.rolloutRequests.inc(labels)
        book.side(rollout, side).request(undefined)
      },
    }
  }

  function obstacle({ model, stable, candidate }: Rollout): string | undefined {
    const [left, right] = [live.peekAlias(model, stable.alias), live.peekAlias(model, candidate.alias)]
    if (left?.loaded.version !== stable.version) return `Version ${stable.version} does not answer for ${stable.alias}.`
    if (right?.loaded.version !== candidate.version) {
      const failed = live.failures.find((failure) => failure.model === model && failure.alias === candidate.alias)
      const why = failed === undefined ? 'is not loaded yet' : `could not be loaded (${failed.code})`
      return `Version ${candidate.version} ${why}, so version ${stable.version} answers all requests.`
    }
    const misfit = reads.misfit(right.loaded)
    if (misfit !== undefined) return sentence(`Version ${candidate.version} cannot be fed: ${misfit}`)
    if (areAlike(reads.readOf(left.loaded), reads.readOf(right.loaded))) return undefined
    return (
      `Versions ${stable.version} and ${candidate.version} need other keys or other values of a request, ` +
      `so version ${stable.version} answers all requests.`
    )
  }

  return {
    running,
    choose(question, entered, requestId) {
      const read = reads.readOf(entered.loaded)
      const asked = question.asked(read)
      const unchanged = { slot: entered, read, asked, trial: undefined }
      const rollout = running.of(question.model)
      if (rollout === undefined || !('alias' in question.choice)) return unchanged
      if (question.choice.alias !== rollout.stable.alias) return unchanged
      const step = presentStep(rollout)
      const candidate = step === undefined ? undefined : readyCandidate(rollout, entered)
      if (step === undefined || candidate === undefined) return unchanged
      const isChosen = shareOf(rollout, read, asked, requestId) < step.weight
      if (!isChosen || step.shadow)
        return { ...unchanged, trial: trialOf(rollout, 'stable', entered, isChosen ? candidate : undefined) }
      const its = reads.readOf(candidate.loaded)
      const chosen = {
        slot: candidate,
        read: its,
        asked: its.keys === read.keys && its.request === read.request ? asked : question.asked(its),
        trial: trialOf(rollout, 'candidate', candidate, undefined),
      }
      candidate.enter()
      entered.leave()
      return chosen
    },
    obstacle,
    measure() {
      metrics.rolloutWeight.reset()
      for (const rollout of running.all()) {
        const step = presentStep(rollout)
        if (step === undefined) continue
        const { model, candidate } = rollout
        const labels = { model, version: String(candidate.version), mode: step.shadow ? 'shadow' : 'answers' }
        metrics.rolloutWeight.set(labels, obstacle(rollout) === undefined ? step.weight : 0)
      }
    },
    async close() {
      await shadows.close()
      await book.write(running.all())
    },
  }
}
