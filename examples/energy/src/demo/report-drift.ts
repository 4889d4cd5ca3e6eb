import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  profileReference,
  runDrift,
  storeProfile,
  toHtml,
  toJson,
  toMarkdown,
  vectorColumns,
  type DriftResult,
} from '@martlet/drift'
import { fieldSources, vectorFields } from '@martlet/feature-store'
import { sql, tableRef, type Warehouse } from '@martlet/warehouse'
import type { EnergyDefinitions } from '../definitions/next-day.ts'
import { MODEL, type ForecastTrial } from '../forecast/train.ts'

export interface DriftReports {
  readonly warehouse: Warehouse
  readonly definitions: EnergyDefinitions
  readonly trial: ForecastTrial
  /** The profile is of training rows before this instant, µs. */
  readonly cut: bigint
  readonly end: bigint
  readonly log: string
  readonly now: Date
}

export interface DriftReport {
  readonly name: string
  readonly result: DriftResult
  /** Text by file extension. */
  readonly files: Readonly<Record<string, string>>
}

const DAY = 86_400_000
const WEEK = 7 * DAY

/** Profiles what the model was trained on, then compares with it the feature table of the unseen weeks and the serving log. */
export async function reportDrift({
  warehouse,
  definitions,
  trial,
  cut,
  end,
  log,
  now,
}: DriftReports): Promise<readonly DriftReport[]> {
  const { leaves } = warehouse
  const { plan } = definitions.nextDay
  const columns = vectorColumns(vectorFields(plan), {
    categories: ['calendar__day_of_week'],
    sources: fieldSources(plan),
  })
  const trained = sql`SELECT * FROM ${tableRef(trial.set.table)} WHERE predict_at < ${leaves.timestamp(cut)}`
  const profile = await profileReference(warehouse, {
    name: MODEL,
    relation: trained,
    columns,
    time: 'predict_at',
    rowKind: 'trainingSet',
    now,
  })
  await storeProfile(warehouse, profile)
  const features = await runDrift({
    warehouse,
    profile,
    current: { featureTable: 'features.customer_usage', view: 'customer_usage' },
    windows: weeks(cut, end),
    monitor: `${MODEL}_features`,
    now,
  })
  const files = (await readdir(log, { recursive: true }))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(log, name))
  const served = await runDrift({ warehouse, profile, current: { log: files }, monitor: `${MODEL}_served`, now })
  return [features, served].map((result) => ({
    name: result.monitor,
    result,
    files: { html: toHtml(result), json: toJson(result), md: toMarkdown(result) },
  }))
}

/** The last whole weeks up to the end of the day that begins at `to`, at most four. */
function weeks(from: bigint, to: bigint): readonly { readonly from: Date; readonly to: Date }[] {
  const end = Number(to / 1000n) + DAY
  const whole = Math.min(4, Math.max(1, Math.floor((end - Number(from / 1000n)) / WEEK)))
  return Array.from({ length: whole }, (_, i) => ({
    from: new Date(end - (whole - i) * WEEK),
    to: new Date(end - (whole - i - 1) * WEEK),
  }))
}
