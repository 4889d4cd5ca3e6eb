import type { CheckPlan } from '../../plan/check-plan.ts'
import { aggregate, type AggregateCheck } from './aggregate.ts'
import type { CheckKind } from './check-kind.ts'
import { relationship, type Relationship } from './relationship.ts'
import { rows, type Rows } from './rows.ts'
import { customSql, type CustomSql } from './sql.ts'
import { unique, type Unique } from './unique.ts'

/** Every kind of check that can be declared on a source. */
export const checkKinds: readonly CheckKind[] = [unique, relationship, rows, aggregate, customSql]

/** The methods of `c`, one for each kind above. */
export type CheckWords<R> = Unique<R> & Relationship<R> & Rows<R> & AggregateCheck<R> & CustomSql

const byKind = new Map(checkKinds.map((one) => [one.kind, one]))

export function checkKind({ kind, name }: CheckPlan): CheckKind {
  const found = byKind.get(kind)
  if (found === undefined) throw new Error(`check ${name} is of an unknown kind, ${kind}`)
  return found
}
