import { z } from 'zod'
import { sql, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { LookupPlan } from '../../plan/source-plan.ts'
import { durationText } from '../../plan/time/duration-text.ts'
import { lookup as lookupSource } from '../sources/lookup.ts'
import { lookupRows, type Shift } from '../sources/lookup-rows.ts'
import { sourceSchema } from '../sources/source-schema.ts'
import type { JoinedKind } from './feature-kind.ts'

/** A column of what holds for everybody at T, or so long after T. */
export interface LookupFeature extends FeaturePlan {
  readonly kind: 'lookup'
  readonly table: LookupPlan
  readonly column: string
  readonly shift: Shift
}

export const lookup: JoinedKind<LookupFeature> = {
  kind: 'lookup',
  stage: 'joined',
  clock: true,
  fields: {
    table: sourceSchema(lookupSource),
    column: z.string(),
    shift: z.looseObject({ days: z.number(), micros: z.number() }),
  },
  words: ({ table, column, shift }) => `${table.table}.${column}${shiftWords(shift)}`,
  reads: ({ table, column }) => [{ of: 'table', table, column }],
  texts: ({ table, column }, of) => of({ of: 'table', table, column }),
  core: (feature, sourceCore) => ({ ...feature, table: sourceCore(feature.table, new Set([feature.column])) }),
  join: (frame, rows, features) => {
    const groups = [...Map.groupBy(features, ({ table, shift }) => JSON.stringify([table, shift])).values()]
    const names = new Map<LookupFeature, string>()
    let joined: Sql = rows
    for (const [i, group] of groups.entries()) {
      const [one] = group
      if (one === undefined) continue
      const alias = sql.id(`l${i}`)
      const columns = [...new Set(group.map(({ column }) => column))]
      // Two underscores in a row stand in no name of a feature.
      const picked = columns.map((column) => ({ column, name: `l${i}__of_${column}` }))
      const found = lookupRows(frame, one.table, one.shift, picked)
      const values = picked.map(({ name }) => sql`${alias}.${sql.id(name)}`)
      joined = sql`
        SELECT ${sql.join([sql`r.*`, ...values])}
        FROM (${joined}) r
        LEFT JOIN (${found}) ${alias} ON ${alias}.t = r.t
      `
      for (const feature of group) names.set(feature, `l${i}__of_${feature.column}`)
    }
    return { rows: joined, values: features.map((feature) => sql.id(names.get(feature) ?? feature.name)) }
  },
}

function shiftWords({ days, micros }: Shift): string {
  if (days !== 0) return ` ${counted(Math.abs(days))} ${days < 0 ? 'earlier' : 'later'}`
  if (micros !== 0) return ` ${durationText(Math.abs(micros))} ${micros < 0 ? 'earlier' : 'later'}`
  return ''
}

function counted(days: number): string {
  return days === 1 ? 'one local day' : `${days} local days`
}
