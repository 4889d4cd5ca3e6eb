import { join } from 'node:path'
import { loadPredictions, runTruth, type DriftResult, type TimeWindow } from '@martlet/drift'
import { serviceKeys, vectorFields } from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'
import type { EnergyDefinitions } from '../definitions/next-day.ts'
import { MODEL, YESTERDAY } from '../forecast/train.ts'

/** The name of the monitor. */
export const TRUTH = `${MODEL}_truth`

export interface TruthReport {
  readonly warehouse: Warehouse
  readonly definitions: EnergyDefinitions
  /** The folder of prediction logs. */
  readonly log: string
  /** Of the times of predictions, oldest first. */
  readonly windows: readonly TimeWindow[]
  readonly now: Date
}

/** Loads the prediction log and measures each forecast by the day that it was about. */
export async function reportTruth({ warehouse, definitions, log, windows, now }: TruthReport): Promise<DriftResult> {
  const { plan } = definitions.nextDay
  await loadPredictions({
    warehouse,
    folder: join(log, MODEL),
    model: MODEL,
    columns: [...serviceKeys(plan), ...vectorFields(plan)],
  })
  return runTruth({
    warehouse,
    model: MODEL,
    labels: { label: definitions.nextDayKwh },
    baseline: { column: YESTERDAY },
    segments: ['calendar__weekend'],
    windows,
    monitor: TRUTH,
    now,
  })
}

const DAY = 86_400_000

/** Windows of equal length behind one another: weeks, or halves where there are fewer days than in two weeks. */
export function windowsOf(days: readonly bigint[]): readonly TimeWindow[] {
  const length = Math.min(7, Math.floor(days.length / 2))
  const instants = days.slice(days.length % length).map((day) => Number(day / 1000n))
  const end = (instants.at(-1) ?? 0) + DAY
  return instants.flatMap((from, i): readonly TimeWindow[] =>
    i % length > 0 ? [] : [{ from: new Date(from), to: new Date(instants[i + length] ?? end) }],
  )
}
