import { sql, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { presence } from '../count/absent-rows.ts'
import type { Relation } from '../count/relation.ts'
import { codeText, scanCategories } from '../count/scan-categories.ts'
import { scanNumbers } from '../count/scan-numbers.ts'
import { openSource, type OpenSource, type RowWeights } from '../count/scan-source.ts'
import type { TimeWindow } from '../count/windows.ts'
import { centreOf } from '../profile/reference-profile.ts'
import type {
  CategoryProfile,
  ColumnProfile,
  NumericProfile,
  ReferenceProfile,
  TimeProfile,
} from '../profile/reference-profile.ts'
import { noEvidence, type ColumnEvidence, type WindowEvidence } from '../verdict/evidence.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'
import type { DriftPolicy } from '../verdict/policy.ts'
import { columnByColumn, type Scanned } from './column-by-column.ts'
import type { ResolvedRows } from './current-rows.ts'
import { categoryEvidence, numberEvidence, timeEvidence } from './evidence-of.ts'
import { refine } from './refine.ts'
import { scanWindowRows } from '../count/scan-window-rows.ts'
import { windowWorth, type WindowWorth } from './window-worth.ts'

export interface WindowScan {
  readonly warehouse: Warehouse
  readonly rows: ResolvedRows
  /** The columns that the rows have now. */
  readonly schema: readonly ColumnSpec[]
  readonly windows: readonly TimeWindow[]
  readonly policy: DriftPolicy
  readonly reference: Relation | undefined
  /** What the rows count as in each window; absent: one each. */
  readonly weights?: RowWeights
  /** What each window is compared with, on the cells of the rows' profile. @default the rows' profile */
  readonly profiles?: readonly ReferenceProfile[]
}

/** What the rows themselves show of a window. */
export type MeasuredWindow = Pick<WindowEvidence, 'window' | 'rows' | 'absent' | 'absentWorth' | 'columns'>

/** Counts every column of the profile in every window, one kind of column at a time. */
export async function windowEvidence(scan: WindowScan): Promise<readonly MeasuredWindow[]> {
  const { warehouse, rows, schema, windows, weights } = scan
  const { columns, views = [] } = rows.profile
  const time = windows.length === 0 ? null : rows.time
  const source = openSource(warehouse, {
    relation: rows.relation,
    time,
    windows,
    ...(weights === undefined ? {} : { weights }),
  })
  const usable = columns.filter((column) => columnObstacle(column, schema) === null)
  const times = usable.filter((column): column is TimeProfile => column.kind === 'time')
  const nullable = [...times.map(({ name }) => sql.id(name)), ...views.map(presence)]
  const counted = await scanWindowRows(warehouse, source, nullable)
  const worth = await windowWorth(scan, source, usable)
  const measured = new Map([
    ...(await numbers(scan, source, usable, worth)),
    ...(await categories(scan, source, usable, worth)),
  ])
  const evidence: MeasuredWindow[] = []
  for (const [index, { rows: count, nulls }] of counted.entries()) {
    const dated = new Map(
      times.map((column, at) => [
        column.name,
        timeEvidence(ofWindow(scan, column, index), count, nulls[at] ?? 0, worth.ofColumn(column, index, count)),
      ]),
    )
    const found: ColumnEvidence[] = []
    for (const column of columns) {
      const shown = dated.get(column.name) ?? (await measured.get(column.name)?.(index))
      found.push(shown ?? noEvidence(column, columnObstacle(column, schema) ?? 'not counted'))
    }
    const absent = nulls.slice(times.length)
    const absentWorth = views.map((view) => worth.ofView(view, index, count))
    evidence.push({ window: windows[index] ?? null, rows: count, absent, absentWorth, columns: found })
  }
  return evidence
}

/** What columns show in the window of a number, by their names. */
type ByWindow = ReadonlyMap<string, (window: number) => Promise<ColumnEvidence | undefined>>

async function numbers(
  scan: WindowScan,
  source: OpenSource,
  usable: readonly ColumnProfile[],
  worth: WindowWorth,
): Promise<ByWindow> {
  const { warehouse, rows, windows, policy, reference } = scan
  const columns = usable.filter((column): column is NumericProfile => column.kind === 'number')
  const scans = columns.map((column) => ({ ...column, type: typeNow(scan, column), centre: centreOf(column) }))
  const scanned = await columnByColumn(
    scans,
    (some) => scanNumbers(warehouse, source, some),
    () => scanWindowRows(warehouse, source, []),
  )
  return byWindow(columns, scanned, async (column, binned, index) => {
    const profile = ofWindow(scan, column, index)
    const window = windows[index] ?? null
    // The exact path counts rows as one each; distances of weighted ones stay those of their bins.
    const exact =
      source.weight === undefined ? await refine({ warehouse, rows, profile, binned, window, policy, reference }) : null
    return numberEvidence(profile, binned, exact, worth.ofColumn(column, index, binned.rows))
  })
}

async function categories(
  scan: WindowScan,
  source: OpenSource,
  usable: readonly ColumnProfile[],
  worth: WindowWorth,
): Promise<ByWindow> {
  const { warehouse } = scan
  const columns = usable.filter((column): column is CategoryProfile => column.kind === 'category')
  const scans = columns.map((column) => ({
    name: column.name,
    type: typeNow(scan, column),
    always: [...column.top, ...column.rest].map(({ value }) => codeText(value, column.type)),
  }))
  const scanned = await columnByColumn(
    scans,
    (some) => scanCategories(warehouse, source, some),
    () => scanWindowRows(warehouse, source, []),
  )
  return byWindow(columns, scanned, (column, values, index) =>
    Promise.resolve(
      categoryEvidence(ofWindow(scan, column, index), values, worth.ofColumn(column, index, values.rows)),
    ),
  )
}

/** The column as the window's own reference has it. */
function ofWindow<Profile extends ColumnProfile>({ profiles }: WindowScan, column: Profile, window: number): Profile {
  const own = profiles?.[window]?.columns.find(({ name }) => name === column.name)
  return own === undefined || own.kind !== column.kind ? column : (own as Profile)
}

function byWindow<Profile extends ColumnProfile, Found>(
  columns: readonly Profile[],
  scanned: readonly Scanned<readonly Found[]>[],
  evidenceOf: (column: Profile, found: Found, window: number) => Promise<ColumnEvidence>,
): ByWindow {
  const evidence = async (column: Profile, index: number, window: number): Promise<ColumnEvidence | undefined> => {
    const scan = scanned[index]
    if (scan === undefined) return undefined
    if ('failed' in scan) return noEvidence(column, `its values could not be counted: ${scan.failed}`)
    const found = scan.found[window]
    return found === undefined ? undefined : evidenceOf(column, found, window)
  }
  return new Map(columns.map((column, index) => [column.name, (window) => evidence(column, index, window)]))
}

/** Doubles of today may be integers in the profile: what can be NaN is decided by the column as it is. */
function typeNow({ schema }: WindowScan, column: ColumnProfile): ColumnSpec['type'] {
  return schema.find(({ name }) => name === column.name)?.type ?? column.type
}
