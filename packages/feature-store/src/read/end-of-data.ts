import { sql, type RunOptions, type Warehouse } from '@martlet/warehouse'
import { clockNow } from '../catalog/instant.ts'
import { scanSource } from '../vocabulary/sources/scan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { zoneOf, type EventsPlan } from '../plan/source-plan.ts'

/**
 * How far labels can be known (µs): the newest event of their fact; with several facts, of the one that ends first.
 * Events after the clock (a typo, a plan, a sentinel such as 9999-12-31) do not count. When a fact has no events, no
 * label's window has closed.
 */
export async function endOfData(
  warehouse: Warehouse,
  labels: readonly LabelPlan[],
  spine: { readonly first: bigint; readonly last: bigint },
  run: RunOptions,
): Promise<bigint> {
  let end: bigint | undefined
  const now = clockNow()
  const facts = new Map(
    labels.map(({ fact }) => [JSON.stringify([fact.table, fact.eventTime, zoneOf(fact, fact.eventTime)]), fact]),
  )
  for (const fact of facts.values()) {
    const newest = (await newestEvent(warehouse, fact, now, run)) ?? spine.first
    if (end === undefined || newest < end) end = newest
  }
  return end ?? spine.last
}

async function newestEvent(
  warehouse: Warehouse,
  fact: EventsPlan,
  now: bigint,
  run: RunOptions,
): Promise<bigint | undefined> {
  const micros = warehouse.leaves.epochMicros(sql.id('f', fact.eventTime))
  const { columns } = await warehouse.read(
    sql`
      SELECT MAX(${micros}) AS newest
      FROM (${scanSource(warehouse.leaves, fact, [fact.eventTime])}) f
      WHERE ${sql.id('f', fact.eventTime)} <= ${warehouse.leaves.timestamp(now)}
    `,
    run,
  )
  const [newest] = columns
  return newest?.type === 'bigint' && newest.nulls?.[0] !== 1 ? newest.values[0] : undefined
}
