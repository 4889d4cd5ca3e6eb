import { MartletError, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { checkKey, defaultSeverity, findingText, type CheckResult } from '../quality/finding.ts'
import type { QualityOptions } from '../quality/options.ts'
import { viewOfEvents } from '../vocabulary/view-sources.ts'
import { featureTable } from './feature-table.ts'
import type { StaleRange } from './stale-ranges.ts'

/** How options name the check. */
export function changedKey(view: ViewPlan): string {
  return checkKey({ table: factsOf(view) ?? '', column: null, check: 'changed' })
}

function factsOf(view: ViewPlan): string | undefined {
  return viewOfEvents(view)?.source?.table
}

/** The finding that rows of a view are not what the facts give now; undefined when all are, or it is switched off. */
export function staleFinding(
  warehouse: Warehouse,
  view: ViewPlan,
  ranges: readonly StaleRange[],
  { severity = {}, redact = false }: QualityOptions,
): CheckResult | undefined {
  const [first] = ranges
  const wanted = severity[changedKey(view)] ?? defaultSeverity.changed
  if (first === undefined || wanted === 'off') return undefined
  const from = ranges.reduce((least, one) => (one.from < least ? one.from : least), first.from)
  const total = (of: 'tiles' | 'entities'): number => ranges.reduce((sum, range) => sum + range[of], 0)
  const table = featureTable(view)
  const { timestamp } = warehouse.leaves
  const where = sql.join(
    ranges.map((one) => sql`(feature_time >= ${timestamp(one.from)} AND feature_time < ${timestamp(one.to)})`),
    sql` OR `,
  )
  const facts = factsOf(view) ?? table
  const repair = `martlet materialize ${view.name} --from ${shortInstant(from)}`
  return {
    view: view.name,
    table: facts,
    column: null,
    check: 'changed',
    severity: wanted,
    count: total('entities'),
    total: 0,
    example: redact ? null : (ranges.find(({ example }) => example !== null)?.example ?? null),
    message:
      `has changed since rows of ${table} were written; \`${repair}\` writes those again that may differ: ` +
      `${counted(total('tiles'), 'tile', 'tiles')} of ${counted(total('entities'), 'entity', 'entities')} changed`,
    query: warehouse.compile(sql`SELECT * FROM ${tableRef(table)} WHERE ${where}`).sql,
    scanned: `${facts}: all rows that stored tiles are made of`,
  }
}

/** @throws MartletError QUALITY_FAILED when the finding is an error */
export function refuseStale(finding: CheckResult | undefined): void {
  if (finding?.severity !== 'error') return
  throw new MartletError('QUALITY_FAILED', `Nothing was written: ${findingText(finding)}.`, {
    data: { findings: [finding] },
  })
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
