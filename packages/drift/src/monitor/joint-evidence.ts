import { sql, type Sql } from '@martlet/warehouse'
import { fromRelation, type Relation } from '../count/relation.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { FEWEST_WINDOWS } from '../reference/window-spread.ts'
import { separate, type CodedColumn, type Separation } from '../joint/domain-classifier.ts'
import { sampleCodes, type CodableColumn } from '../joint/sample-rows.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'
import type { WindowScan } from './window-evidence.ts'

/** Rows of each side that are compared: enough for an AUC to within 0.02. */
const SAMPLE = 2000
/** With fewer rows on a side, trees learn nothing. */
const LEAST = 100
/** With more columns the fit takes longer than all the rest. */
const MOST_COLUMNS = 120
/** Earlier windows that rows are sampled of, and rows of each. */
const MOST_WINDOWS = 8
const OF_EACH_WINDOW = 500
/** An earlier window with fewer sampled rows is left out: in folds of five, they could not be judged. */
const LEAST_OF_WINDOW = 50

/** Earlier windows that the latest one is compared with, and the rows that they are of. */
export interface EarlierRows {
  readonly relation: Relation
  readonly time: string
  /** Newest first. */
  readonly windows: readonly TimeWindow[]
}

/**
 * All columns together in the latest window against reference rows: those that were given, or samples of earlier windows. Null
 * when there are none, or too few.
 */
export async function jointEvidence(
  scan: WindowScan,
  rows: number,
  earlier: EarlierRows | null = null,
): Promise<Separation | null> {
  const { rows: resolved, schema, windows, policy, reference } = scan
  if (policy.joint === 'off' || (reference === undefined && earlier === null)) return null
  if (rows < LEAST || resolved.profile.rows < LEAST) return null
  const columns = resolved.profile.columns.flatMap((profile): readonly CodableColumn[] => {
    const type = schema.find(({ name }) => name === profile.name)?.type
    const isCoded = profile.kind !== 'time' && profile.role !== 'label' && profile.role !== 'weight'
    const usable = isCoded && columnObstacle(profile, schema) === null
    return usable && type !== undefined ? [{ profile, type }] : []
  })
  if (columns.length < 2 || columns.length > MOST_COLUMNS) return null
  const before =
    reference === undefined ? await samplesOf(scan, columns, earlier) : [await storedSample(scan, columns, reference)]
  if (sizeOf(before) < LEAST) return null
  const [window] = windows.slice(-1)
  const relation = window === undefined ? resolved.relation : within(scan, resolved.relation, resolved.time, window)
  // As many as of each earlier window, so that these can be told from each other by the same rule.
  const limit = earlier === null ? SAMPLE : OF_EACH_WINDOW
  const now = await sampleCodes(scan.warehouse, relation, columns, limit, 'current', weightOf(scan))
  if (sizeOf([now]) < LEAST) return null
  const names = columns.map(({ profile }) => profile.name)
  const separation = separate(coded(names, before, now))
  const reaches = policy.learnt === 'instead' ? separation.auc > 0.5 : separation.auc >= policy.auc.warn
  const mayAlert = separation.p < policy.alpha && reaches
  if (earlier === null || policy.learnt === 'never' || !mayAlert) return separation
  const unchanged = before.map((one) => {
    const others = before.filter((other) => other !== one)
    return separate(coded(names, others, one)).auc
  })
  return { ...separation, unchanged }
}

/** Codes of sampled rows by column. */
type Sample = readonly Uint8Array[]

function storedSample(scan: WindowScan, columns: readonly CodableColumn[], reference: Relation): Promise<Sample> {
  const then = columns.map(({ profile }) => ({ profile, type: profile.type }))
  return sampleCodes(scan.warehouse, reference, then, SAMPLE, 'reference', weightOf(scan))
}

/** As many rows of each of the newest earlier windows; none where these are too few to show how windows differ. */
async function samplesOf(
  scan: WindowScan,
  columns: readonly CodableColumn[],
  earlier: EarlierRows | null,
): Promise<readonly Sample[]> {
  const windows = (earlier?.windows ?? []).slice(0, MOST_WINDOWS)
  if (earlier === null || windows.length < FEWEST_WINDOWS) return []
  const samples: Sample[] = []
  for (const window of windows) {
    const relation = within(scan, earlier.relation, earlier.time, window)
    const sample = await sampleCodes(scan.warehouse, relation, columns, OF_EACH_WINDOW, 'reference', weightOf(scan))
    if (sizeOf([sample]) >= LEAST_OF_WINDOW) samples.push(sample)
  }
  return samples.length < FEWEST_WINDOWS ? [] : samples
}

function weightOf({ weights }: WindowScan): Sql | null {
  return weights === undefined ? null : sql.id(weights.column)
}

function within({ warehouse }: WindowScan, relation: Relation, time: string | null, window: TimeWindow): Relation {
  if (time === null) return relation
  return sql`SELECT * FROM ${fromRelation(relation)} WHERE ${windowSql(warehouse.leaves, sql.id(time), [window]).where}`
}

function sizeOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, [first]) => sum + (first?.length ?? 0), 0)
}

function coded(names: readonly string[], before: readonly Sample[], now: Sample): readonly CodedColumn[] {
  return names.map((name, index) => ({
    name,
    reference: Uint8Array.from(before.flatMap((sample) => [...(sample[index] ?? [])])),
    current: now[index] ?? new Uint8Array(),
  }))
}
