import { dropTable, sql, type Warehouse } from '@martlet/warehouse'
import type { AnyFeatureView } from '../../../src/index.ts'
import { replaceTable, type Kind } from '../mart-tables.ts'
import { featureRow } from '../oracle.ts'
import type { Answers } from '../mart.ts'
import type { Row } from '../row.ts'
import { disagreement, isAnswer } from './agree.ts'
import { everyPlan, pointName, type PlanFailure, type PlanRows, type Range } from './every-plan.ts'
import { TABLE, TYPES } from './exact-mart.ts'

export interface Mismatch {
  readonly plan: string
  /** Undefined where it is about whole rows. */
  readonly feature?: string
  readonly text: string
}

/** What any plan says of these facts that is not the exact answer, or not what every other plan says. */
export function mismatches(
  warehouse: Warehouse,
  view: AnyFeatureView,
  facts: readonly Row[],
  range: Range,
): Promise<readonly Mismatch[]> {
  const meters = [...new Set(facts.map((row) => String(row['meter'])))]
  return mismatchesOf(warehouse, view, { [TABLE]: { types: TYPES, rows: facts } }, meters, range)
}

/** A table and its rows. */
export interface TableRows {
  readonly types: Readonly<Record<string, Kind>>
  readonly rows: readonly Row[]
}

/** The same of any tables, for these meters. */
export async function mismatchesOf(
  warehouse: Warehouse,
  view: AnyFeatureView,
  tables: Readonly<Record<string, TableRows>>,
  meters: readonly string[],
  range: Range,
): Promise<readonly Mismatch[]> {
  for (const schema of ['features', 'features_internal', 'ml'])
    await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`)
  for (const [table, { types, rows }] of Object.entries(tables)) await replaceTable(warehouse, table, types, rows)
  const mart = { tables: Object.fromEntries(Object.entries(tables).map(([table, { rows }]) => [table, rows])) }
  const answers = new Map<string, Answers | null>()
  const answerAt = (meter: string, T: number) => {
    const name = pointName({ meter, T })
    const known = answers.get(name)
    const answer = known === undefined ? featureRow(mart, view.plan, { meter }, T) : known
    answers.set(name, answer)
    return answer
  }
  const plans = await everyPlan(warehouse, view, meters, range)
  const wrong = plans.flatMap((one) => ('error' in one ? [failed(one)] : wrongRows(view, one, answerAt)))
  for (const table of Object.keys(tables)) await dropTable(warehouse, table)
  return [...wrong, ...divided(view, plans, answers)]
}

function failed({ plan, error }: PlanFailure): Mismatch {
  return { plan, text: `failed: ${error instanceof Error ? error.message : String(error)}` }
}

function wrongRows(
  view: AnyFeatureView,
  { plan, points, rows }: PlanRows,
  answerAt: (meter: string, T: number) => Answers | null,
): readonly Mismatch[] {
  return points.flatMap((point): readonly Mismatch[] => {
    const expected = answerAt(point.meter, point.T)
    const actual = rows.get(pointName(point))
    if (expected !== null && actual === undefined) return [{ plan, text: `no row of ${pointName(point)}` }]
    return view.plan.features.flatMap(({ name }) => {
      const text = disagreement(actual?.[name] ?? null, expected?.[name] ?? null)
      return text === undefined ? [] : [{ plan, feature: name, text: `${name} of ${pointName(point)}: ${text}` }]
    })
  })
}

/** Where null and a number are both right, the plans must still agree which. */
function divided(
  view: AnyFeatureView,
  plans: readonly (PlanRows | PlanFailure)[],
  answers: ReadonlyMap<string, Answers | null>,
): readonly Mismatch[] {
  return [...answers].flatMap(([point, expected]) =>
    view.plan.features.flatMap(({ name }): readonly Mismatch[] => {
      const answer = expected?.[name] ?? null
      if (!isAnswer(answer) || answer.orNull !== true) return []
      const without = plans.flatMap((one) => {
        if ('error' in one || !one.points.some((asked) => pointName(asked) === point)) return []
        return [{ plan: one.plan, none: (one.rows.get(point)?.[name] ?? null) === null }]
      })
      const nulls = without.filter(({ none }) => none).map(({ plan }) => plan)
      if (nulls.length === 0 || nulls.length === without.length) return []
      return [{ plan: nulls.join(', '), feature: name, text: `${name} of ${point}: null, but a number by other plans` }]
    }),
  )
}
