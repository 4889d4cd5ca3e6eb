import type { ServicePlan } from '@martlet/feature-store'
import { sql, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { fromRelation, relationColumns, type Relation } from '../count/relation.ts'
import { columnNamed, spelledAs } from '../count/spelling.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { withTable } from '../count/with-table.ts'
import { calibrationOf } from '../estimate/calibration-of.ts'
import { estimateWindows } from '../estimate/estimate-performance.ts'
import type { PerformanceCalibration } from '../estimate/performance-calibration.ts'
import { derivedNames, plainColumns } from '../profile/derived-columns.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { ViewAbsence } from '../profile/row-kind.ts'
import type { CalendarCheck, WindowEvidence } from '../verdict/evidence.ts'
import { openReference, type OpenReference } from '../reference/open-reference.ts'
import type { ReferenceChoice } from '../reference/reference-choice.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'
import { judgeRun } from '../verdict/judge-run.ts'
import { checkColumnFloors, policyFrom, type DriftPolicy, type PolicyOptions } from '../verdict/policy.ts'
import type { DriftResult, Mute } from '../verdict/result.ts'
import { checkCalendar } from './check-calendar.ts'
import { delayOf, withCalendar } from './calendar-of.ts'
import { currentWeights, withWeights } from './current-weights.ts'
import { derivedRows, type DerivedRows } from './derived-rows.ts'
import { newestRow, withCurrentRows, type CurrentRows, type ResolvedRows } from './current-rows.ts'
import { recordDrift } from './record-drift.ts'
import { referencesOf } from './references-of.ts'
import { reproductions } from './reproduce.ts'
import { spelledTime, timeColumn } from './time-column.ts'
import { gapEvidence } from './gap-evidence.ts'
import { silenceEvidence } from './silence-evidence.ts'
import { jointEvidence } from './joint-evidence.ts'
import { windowEvidence } from './window-evidence.ts'

export interface DriftRequest {
  readonly warehouse: Warehouse
  readonly profile: ReferenceProfile
  readonly current: CurrentRows
  /** Disjoint stretches of time; none: all rows are one window. */
  readonly windows?: readonly TimeWindow[]
  /** Names the run in results tables. @default the profile's name */
  readonly monitor?: string
  /** @default the clock */
  readonly now?: Date
  readonly policy?: PolicyOptions
  /** Columns and kinds of findings that do not alert now; they stay in the result, marked. @default none */
  readonly mutes?: readonly Mute[]
  /** The reference rows, for exact distances; without them distances stay bounds from bins. Not used with `against`. */
  readonly reference?: Relation
  /**
   * What a window is compared with: the profile's rows of the same season, or earlier rows of `current`, which are measured
   * then. @default all rows of the profile
   */
  readonly against?: ReferenceChoice
  /** The service whose vectors the rows are: its columns that follow from the clock are computed again and compared. */
  readonly definitions?: ServicePlan
  /** Appends the result to `monitoring.drift_results`. @default true */
  readonly record?: boolean
  /** Also estimates the performance of each window, which needs a profile with a calibration. @default false */
  readonly estimate?: boolean
}

/**
 * Compares current rows with a reference profile, window by window, inside the warehouse, and judges what changed.
 *
 * @throws MartletError WINDOWS_INVALID when windows overlap or end before they start
 * @throws MartletError TIME_COLUMN_MISSING when rows cannot be sorted into windows
 * @throws MartletError POLICY_INVALID when a number of the policy is out of its range
 * @throws MartletError REFERENCE_INVALID when the profile has no counts by season, or there are no windows to look back from
 * @throws MartletError REFERENCE_EMPTY when there are no earlier rows to compare with
 * @throws MartletError PROFILE_VIEW_UNKNOWN when the profile has no column of `current.view`
 * @throws MartletError TABLE_NOT_FOUND when `current.featureTable` does not exist
 * @throws MartletError WEIGHT_COLUMN when the column of weights is not there, holds no numbers or is not that of the profile
 * @throws MartletError CALIBRATION_MISSING when `estimate` is set and the profile has no calibration
 */
export async function runDrift(request: DriftRequest): Promise<DriftResult> {
  const { warehouse, current, definitions } = request
  const profile = withCalendar(request.profile, definitions)
  const run: Run = {
    monitor: request.monitor ?? profile.name,
    policy: policyFrom(request.policy),
    now: request.now ?? new Date(),
    windows: (request.windows ?? []).toSorted((a, b) => a.from.getTime() - b.from.getTime()),
    reference: request.against === undefined ? request.reference : undefined,
    against: request.against ?? {},
    definitions,
    delay: delayOf(current, definitions),
    calibration: (request.estimate ?? false) ? calibrationOf(profile) : null,
    mutes: request.mutes ?? [],
  }
  checkColumnFloors(run.policy, [...profile.columns, ...derivedNames(profile.columns)])
  const result = await withCurrentRows(warehouse, current, profile, (session, rows) => compareRows(session, rows, run))
  if (request.record ?? true) await recordDrift(warehouse, result)
  return result
}

interface Run {
  readonly monitor: string
  readonly policy: DriftPolicy
  readonly now: Date
  /** Oldest first. */
  readonly windows: readonly TimeWindow[]
  readonly reference: Relation | undefined
  readonly against: ReferenceChoice
  readonly definitions: ServicePlan | undefined
  /** From the time of a row to the instant that it is asked for, µs. */
  readonly delay: number
  readonly calibration: PerformanceCalibration | null
  readonly mutes: readonly Mute[]
}

async function compareRows(warehouse: Warehouse, given: ResolvedRows, run: Run): Promise<DriftResult> {
  const time = await timeColumn(warehouse, given, run.windows)
  const reference = await openReference(warehouse, {
    choice: run.against,
    profile: given.profile,
    windows: run.windows,
    rows: { ...given, time },
  })
  const rows = { ...given, time, profile: reference.profile }
  const newest = await newestRow(warehouse, rows.relation, time, run.now)
  const relation =
    run.windows.length > 0 && typeof rows.relation !== 'string' && time !== null
      ? sql`
        SELECT *
        FROM ${fromRelation(rows.relation)}
        WHERE ${windowSql(warehouse.leaves, sql.id(time), run.windows).where}
      `
      : rows.relation
  return withTable(warehouse, relation, (session, table) =>
    compareTable(session, table, { ...rows, newest }, { ...run, open: reference }),
  )
}

/** Compares the rows of a table, whose columns are read by the profile's spelling. */
async function compareTable(
  warehouse: Warehouse,
  table: string,
  rows: ResolvedRows & Pick<WindowEvidence, 'newest'>,
  run: Run & { readonly open: OpenReference },
): Promise<DriftResult> {
  const { monitor, policy, now, windows, reference, open, calibration } = run
  const names = plainColumns(rows.profile.columns).map(({ name }) => name)
  const columns = await relationColumns(warehouse, table)
  const spelled = spelledAs({ relation: table, columns }, names)
  const time = spelledTime(spelled.columns, rows.time)
  const given = { relation: spelled.relation, schema: spelled.columns, time, windows, now }
  const derived = derivedRows(warehouse, given, rows.profile)
  const { relation, fit, derive } = derived
  const weighed = await currentWeights(warehouse, { relation, columns: derived.schema, time, windows }, rows)
  const schema = weighed === null ? derived.schema : [...derived.schema, weighed.relative]
  const profile = { ...fit(rows.profile), views: comparableViews(rows.profile, schema) }
  const compared = await referencesOf(warehouse, { open, relation, time, windows })
  const references = compared.references.map((one) => ({
    ...one,
    profile: { ...fit(one.profile), views: comparableViews(one.profile, schema) },
  }))
  const scan = {
    warehouse,
    rows: { ...rows, time, relation: weighed?.wrap(compared.relation) ?? compared.relation, profile },
    ...(weighed === null ? {} : { weights: weighed.weights }),
    schema,
    windows,
    policy,
    reference:
      reference === undefined
        ? undefined
        : await withWeights(
            warehouse,
            await spelledReference(warehouse, reference, names, profile.time, derive),
            rows.weight,
            { time: null, windows: [] },
          ),
    ...(references.length === 0 ? {} : { profiles: references.map((one) => one.profile) }),
  }
  const evidence = await windowEvidence(scan)
  const lasting = {
    ...rows,
    profile,
    time,
    relation: derive(spelledAs({ relation: rows.relation, columns }, names).relation, time),
  }
  const earlier = references.at(-1)?.windows ?? []
  const joint = await jointEvidence(
    scan,
    evidence.at(-1)?.rows ?? 0,
    time === null || earlier.length === 0
      ? null
      : {
          relation: await withWeights(warehouse, lasting.relation, rows.weight, { time, windows: earlier }),
          time,
          windows: earlier,
        },
  )
  const calendar =
    run.definitions === undefined
      ? new Map<string, readonly CalendarCheck[]>()
      : await checkCalendar(warehouse, {
          relation,
          time,
          windows,
          profile,
          schema,
          service: run.definitions,
          delay: run.delay,
        })
  const estimates =
    calibration === null
      ? []
      : await estimateWindows(warehouse, { calibration, relation, columns: schema, time, windows })
  const gaps = await gapEvidence(
    warehouse,
    { relation, schema, time, windows, newest: rows.newest },
    references.length === 0 ? [profile] : references.map((one) => one.profile),
  )
  const silence = await silenceEvidence(
    warehouse,
    {
      relation: spelledAs({ relation: rows.relation, columns }, names).relation,
      schema: spelled.columns,
      time,
      entity: rows.entity ?? profile.dependence?.entity ?? [],
      windows,
      choice: run.against,
      now,
    },
    policy,
  )
  const missingKeys = (rows.entity ?? []).filter((name) => columnNamed(columns, name) === undefined)
  const judged = evidence.map((window, index): WindowEvidence => {
    const own = references[index]
    const isLatest = index === evidence.length - 1
    const rejected = rows.rejected?.within(window.window, isLatest)
    return {
      ...window,
      ...(rejected === undefined ? {} : { rejected }),
      columns: window.columns.map((column) => ({
        ...column,
        calendar: calendar.get(column.profile.name)?.[index] ?? null,
      })),
      schema,
      rowKind: rows.rowKind,
      ignored: rows.ignored,
      missingKeys,
      newest: rows.newest,
      latest: isLatest,
      ...(gaps[index] === undefined ? {} : { gaps: gaps[index] }),
      ...(silence[index] === undefined ? {} : { silence: silence[index] }),
      ...(joint === null || !isLatest ? {} : { joint }),
      ...(weighed?.found[index] === undefined ? {} : { weights: weighed.found[index] }),
      ...(own === undefined ? {} : { reference: own }),
      ...(estimates[index] === undefined ? {} : { estimate: estimates[index] }),
    }
  })
  const result = judgeRun({ monitor, now, profile, windows: judged, mutes: run.mutes }, policy)
  return { ...result, sql: reproductions(warehouse, result, lasting, windows.at(-1) ?? null, weighed) }
}

async function spelledReference(
  warehouse: Warehouse,
  relation: Relation,
  names: readonly string[],
  time: ReferenceProfile['time'],
  derive: DerivedRows['derive'],
): Promise<Relation> {
  const spelled = spelledAs({ relation, columns: await relationColumns(warehouse, relation) }, names)
  return derive(spelled.relation, time === null ? null : (columnNamed(spelled.columns, time.column)?.name ?? null))
}

/** The views whose rows without any value can be counted as they were in the reference: all of their columns are there. */
function comparableViews(
  { columns, views = [] }: ReferenceProfile,
  schema: readonly ColumnSpec[],
): readonly ViewAbsence[] {
  const usable = new Set(columns.filter((column) => columnObstacle(column, schema) === null).map(({ name }) => name))
  return views.filter((view) => view.columns.every((name) => usable.has(name)))
}
