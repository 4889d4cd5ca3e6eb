import { sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import type { TimeWindow } from '../count/windows.ts'

/** Consecutive stretches of time with about as many rows each; fewer of them where many rows share an instant. */
export async function timeBlocks(
  warehouse: Warehouse,
  relation: Relation,
  time: string,
  blocks: number,
): Promise<readonly TimeWindow[]> {
  const { leaves } = warehouse
  const micros = leaves.toDouble(leaves.epochMicros(sql.id(time)))
  const levels = Array.from({ length: blocks + 1 }, (_, index) => index / blocks)
  const bounds = leaves.quantiles(sql.raw('t'), levels).map((bound, index) => sql`${bound} AS ${sql.id(`b${index}`)}`)
  const batch = await warehouse.read(
    sql`SELECT ${sql.join(bounds)} FROM (SELECT ${micros} AS t FROM ${fromRelation(relation)}) AS timed_rows`,
  )
  // The oldest row is in the first block, also when it is within a millisecond.
  const instants = batch.columns.map((vector, index) => {
    const millis = (numbersOf(vector)[0] ?? Number.NaN) / 1000
    return index === 0 ? Math.floor(millis) : Math.ceil(millis)
  })
  if (instants.some(Number.isNaN)) return []
  const last = instants.pop() ?? 0
  const ends = [...new Set([...instants, last + 1])]
  return ends.slice(1).map((to, index) => ({ from: new Date(ends[index] ?? 0), to: new Date(to) }))
}
