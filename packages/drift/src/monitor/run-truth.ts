import { dropTable, type Warehouse } from '@martlet/warehouse'
import type { TimeWindow } from '../count/windows.ts'
import { recordDrift } from './record-drift.ts'
import { alertingSince } from '../verdict/alerting-since.ts'
import { exitCode } from '../verdict/judge-run.ts'
import { policyFrom, type DriftPolicy } from '../verdict/policy.ts'
import { resultSchema, type DriftResult, type WindowResult } from '../verdict/result.ts'
import { significant } from '../verdict/stable-number.ts'
import { comparePerformance, type TruthRule } from '../truth/compare-performance.ts'
import { confirmedTruth, judgeTruth } from '../truth/judge-truth.ts'
import { withLabelled, type LabelledRows } from '../truth/labelled-rows.ts'
import { calibration, measure, type Measured } from '../truth/measure.ts'
import { truthMetrics } from '../truth/metrics/list.ts'
import { invalid, predictedRows, REFERENCE, type PredictedRows } from '../truth/predicted-rows.ts'
import { truthPairs, type Counted } from '../truth/truth-pairs.ts'
import type { TruthRequest } from '../truth/truth-request.ts'
import type { Coverage, WindowPerformance } from '../truth/truth-result.ts'

/** Segments of a column that are measured apart, by rows. */
const MOST_SEGMENTS = 20

/**
 * Measures how good predictions turned out to be, once what they predicted is known: window by window and segment by
 * segment, inside the warehouse, with intervals, against a yardstick and a baseline.
 *
 * Predictions count when their labels can be known, whether they were early or not; others wait.
 *
 * @throws MartletError TRUTH_INVALID when labels, predictions or columns do not fit each other
 * @throws MartletError TABLE_NOT_FOUND when no predictions of the model were loaded
 * @throws MartletError WINDOWS_INVALID when windows overlap or end before they start
 * @throws MartletError POLICY_INVALID when a number of the policy is out of its range
 * @example await runTruth({ warehouse, model: 'next_day', labels: { label: nextDayKwh }, windows })
 */
export async function runTruth(request: TruthRequest): Promise<DriftResult> {
  const { warehouse } = request
  const policy = policyFrom(request.policy)
  refuseFloors(request.floors ?? {})
  const now = request.now ?? new Date()
  const windows = request.windows.toSorted((a, b) => a.from.getTime() - b.from.getTime())
  const predicted = await predictedRows(warehouse, request, windows)
  const result = await withLabelled(warehouse, request, predicted, (labelled) =>
    warehouse.session((session) => judgeRows(session, request, { predicted, labelled, policy, now, windows })),
  )
  if (request.record ?? true) await recordDrift(warehouse, result)
  return result
}

interface Run {
  readonly predicted: PredictedRows
  readonly labelled: LabelledRows
  readonly policy: DriftPolicy
  readonly now: Date
  /** Oldest first. */
  readonly windows: readonly TimeWindow[]
}

async function judgeRows(session: Warehouse, request: TruthRequest, run: Run): Promise<DriftResult> {
  const { predicted, labelled, policy, now, windows } = run
  const pairs = await truthPairs(session, request, labelled, predicted, {
    now,
    minimumRows: policy.minimumRows,
    most: MOST_SEGMENTS,
  })
  const measured = await measure(session, pairs, request.threshold ?? 0.5)
  const bins = await calibration(session, pairs)
  for (const table of pairs.tables) await dropTable(session, table)
  const rule: TruthRule = {
    alpha: policy.alpha,
    minimumRows: policy.minimumRows,
    floors: request.floors ?? {},
    segments: request.segments ?? [],
    most: MOST_SEGMENTS,
  }
  const byNumber = new Map(pairs.counted.filter(({ side }) => side === 0).map((one) => [one.w, one]))
  const judged = windows.map((window, index): WindowResult => {
    const counted = [...byNumber.values()].find(({ w }) => w !== REFERENCE && predicted.indexOf(w) === index)
    const performance: WindowPerformance = {
      task: pairs.task,
      clusteredBy: pairs.clusteredBy,
      coverage: coverageOf(counted, labelled.horizon, now),
      groups: counted === undefined ? [] : stable(comparePerformance(measured, counted.w, rule)),
      calibration: counted === undefined ? null : (bins.get(counted.w) ?? null),
      baseline: baselineWords(request),
    }
    const span = { from: window.from.toISOString(), to: window.to.toISOString() }
    return judgeTruth(span, performance, {
      policy,
      coverage: request.coverage ?? 0.5,
      prediction: request.prediction ?? 'prediction',
      outside: counted,
      mutes: request.mutes ?? [],
    })
  })
  return resultOf(request, run, confirmedTruth(judged, policy), referenceRows(measured))
}

function coverageOf(counted: Counted | undefined, horizon: number, now: Date): Coverage {
  if (counted === undefined) return { predictions: 0, matured: 0, labelled: 0, missing: 0, completeAt: null }
  const { predictions, matured, labelled, missing, newest } = counted
  const complete = (newest + horizon) / 1000
  const completeAt = complete <= now.getTime() ? null : new Date(Math.ceil(complete)).toISOString()
  return { predictions, matured, labelled, missing, completeAt }
}

function referenceRows(measured: readonly Measured[]): number {
  return measured.find(({ side, w, dim }) => side === 0 && w === REFERENCE && dim === 0)?.rows ?? 0
}

function resultOf(request: TruthRequest, run: Run, windows: readonly WindowResult[], rows: number): DriftResult {
  const latest = windows.at(-1)
  const { reference } = request
  return {
    schema: resultSchema,
    monitor: request.monitor ?? request.model,
    evaluatedAt: run.now.toISOString(),
    profile: {
      name: request.model,
      createdAt: run.now.toISOString(),
      rows,
      time:
        reference === undefined
          ? null
          : {
              column: request.time ?? 'predicted_at',
              from: reference.from.toISOString(),
              to: reference.to.toISOString(),
            },
    },
    policy: run.policy,
    status: latest?.status ?? 'no_data',
    severity: latest?.severity ?? 'none',
    exitCode: exitCode(latest, run.policy),
    sentence: latest?.sentence ?? 'No window was given.',
    since: alertingSince(windows),
    lookAt: [],
    columns: [],
    windows,
    sql: [],
  }
}

function refuseFloors(floors: NonNullable<TruthRequest['floors']>): void {
  const names = truthMetrics.map(({ name }) => name)
  for (const [name, floor] of Object.entries(floors)) {
    if (!names.some((known) => known === name))
      throw invalid(`there is no metric ${name}, only ${names.join(', ')}`, { metric: name })
    if (floor !== null && !(floor.warn >= 0 && floor.crit >= floor.warn))
      throw invalid(`the floors of ${name} are warn ${floor.warn}, crit ${floor.crit}; crit must not be below warn`, {
        metric: name,
      })
  }
}

function baselineWords({ baseline }: TruthRequest): string | null {
  if (baseline === undefined) return null
  return 'column' in baseline ? baseline.column : `version ${baseline.version}`
}

/** Engines add doubles in any order, so the last digits are left out. */
function stable(groups: WindowPerformance['groups']): WindowPerformance['groups'] {
  const round = (value: number | null): number | null => (value === null ? null : significant(value, 9))
  const both = (interval: readonly [number, number] | null): readonly [number, number] | null =>
    interval === null ? null : [significant(interval[0], 9), significant(interval[1], 9)]
  return groups.map((group) => ({
    ...group,
    metrics: group.metrics.map((one) => ({
      ...one,
      value: round(one.value),
      interval: both(one.interval),
      reference: round(one.reference),
      worse: round(one.worse),
      p: round(one.p),
      q: round(one.q),
      baseline:
        one.baseline === null
          ? null
          : {
              value: significant(one.baseline.value, 9),
              difference: significant(one.baseline.difference, 9),
              interval: both(one.baseline.interval),
            },
    })),
  }))
}
