import { sql } from '@martlet/warehouse'
import { fromRelation } from '../count/relation.ts'
import { windowSql } from '../count/windows.ts'
import { separate, type Separation } from '../joint/domain-classifier.ts'
import { sampleCodes, type CodableColumn } from '../joint/sample-rows.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'
import type { WindowScan } from './window-evidence.ts'

/** Rows of each side that are compared: enough for an AUC to within 0.02. */
const SAMPLE = 2000
/** With fewer rows on a side, trees learn nothing. */
const LEAST = 100
/** With more columns the fit takes longer than all the rest. */
const MOST_COLUMNS = 120

/** All columns together in the latest window against reference rows; null when they are not given, or too few. */
export async function jointEvidence(scan: WindowScan, rows: number): Promise<Separation | null> {
  const { warehouse, rows: resolved, schema, windows, policy, reference } = scan
  if (policy.joint === 'off' || reference === undefined || rows < LEAST || resolved.profile.rows < LEAST) return null
  const columns = resolved.profile.columns.flatMap((profile): readonly CodableColumn[] => {
    const type = schema.find(({ name }) => name === profile.name)?.type
    const usable = profile.kind !== 'time' && profile.role !== 'label' && columnObstacle(profile, schema) === null
    return usable && type !== undefined ? [{ profile, type }] : []
  })
  if (columns.length < 2 || columns.length > MOST_COLUMNS) return null
  const [window, time] = [windows.at(-1), resolved.time]
  const current =
    window === undefined || time === null
      ? resolved.relation
      : sql`
        SELECT *
        FROM ${fromRelation(resolved.relation)}
        WHERE ${windowSql(warehouse.leaves, sql.id(time), [window]).where}
      `
  const then = columns.map(({ profile }) => ({ profile, type: profile.type }))
  const before = await sampleCodes(warehouse, reference, then, SAMPLE, 'reference')
  const now = await sampleCodes(warehouse, current, columns, SAMPLE, 'current')
  const coded = columns.map(({ profile: { name } }, index) => ({
    name,
    reference: before[index] ?? new Uint8Array(),
    current: now[index] ?? new Uint8Array(),
  }))
  const [first] = coded
  return first === undefined || first.reference.length < LEAST || first.current.length < LEAST ? null : separate(coded)
}
