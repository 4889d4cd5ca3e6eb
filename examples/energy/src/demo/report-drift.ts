import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  calendarColumns,
  profileReference,
  runDrift,
  storeProfile,
  toHtml,
  toJson,
  toMarkdown,
  vectorColumns,
  type DriftResult,
} from '@martlet/drift'
import { fieldSources, gridOf, toMicros, vectorFields } from '@martlet/feature-store'
import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
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
/** In µs. */
const EIGHT_WEEKS = BigInt(8 * WEEK) * 1000n

/**
 * Compares the feature table of the unseen weeks with the eight weeks before each, and what was served with the same
 * weekdays of the last eight weeks: against five months, a season would look like a fault.
 */
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
    calendar: calendarColumns(plan),
    sources: fieldSources(plan),
  })
  const rowsBetween = (from: bigint, to: bigint): Sql =>
    sql`
      SELECT *
      FROM ${tableRef(trial.set.table)}
      WHERE predict_at >= ${leaves.timestamp(from)} AND predict_at < ${leaves.timestamp(to)}
    `
  const reference = { columns, time: 'predict_at', rowKind: 'trainingSet', now } as const
  const { first } = trial.set.manifest
  const trained = await profileReference(warehouse, {
    ...reference,
    name: MODEL,
    relation: rowsBetween(toMicros(first, 'the first row'), cut),
  })
  await storeProfile(warehouse, trained)
  const recent = await profileReference(warehouse, {
    ...reference,
    name: `${MODEL}_recent`,
    relation: rowsBetween(end - EIGHT_WEEKS, end),
    seasons: ['weekday'],
    zone: gridOf(definitions.recent.plan).zone,
    parts: '1d',
  })
  await storeProfile(warehouse, recent)
  const features = await runDrift({
    warehouse,
    profile: trained,
    current: { featureTable: 'features.customer_usage', view: 'customer_usage' },
    windows: weeks(cut, end),
    against: { windows: 8 },
    definitions: plan,
    monitor: `${MODEL}_features`,
    now,
  })
  const files = (await readdir(log, { recursive: true }))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(log, name))
  const served = await runDrift({
    warehouse,
    profile: recent,
    current: { log: files },
    windows: [{ from: now, to: new Date(now.getTime() + DAY) }],
    against: { match: ['weekday'] },
    definitions: plan,
    monitor: `${MODEL}_served`,
    now,
  })
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
