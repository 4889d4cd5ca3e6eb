import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { eventSpineSql, spineValue } from '../../compile/spines/event-spine.ts'
import { askedTime, gridSpineSql } from '../../compile/spines/grid-spine.ts'
import { canonicalHash } from '../../plan/canonical-json.ts'
import type { SourcePlan } from '../../plan/source-plan.ts'
import { spineEntity, type GridSpinePlan, type SpinePlan } from '../../plan/spine-plan.ts'
import { durationText } from '../../plan/time/duration-text.ts'
import { gridInstants } from '../../plan/time/grid.ts'
import { withoutChecks } from '../../plan/without-checks.ts'
import { expressionColumns } from '../../vocabulary/algebra/expression-columns.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { dimensionsRead, type SourceUse } from '../../vocabulary/view-sources.ts'
import { bad } from './bad-spine.ts'
import { populationText, type GridSpine } from './every-grid.ts'
import type { SpineSource } from './spine-source.ts'
import type { EventSpine } from './whenever.ts'

/** A spine whose rows the warehouse makes. */
export type MadeSpine = GridSpine | EventSpine

/** Every time of a grid is a row of a table that is sent to the warehouse. */
const MOST_TIMES = 1_000_000n

export function isMade(spine: object): spine is MadeSpine {
  return 'kind' in spine && 'plan' in spine
}

/** The sources that a spine is made from. */
export function spineSources({ plan }: MadeSpine): readonly SourceUse[] {
  const definition = `spine ${plan.kind}`
  const uses = (sources: readonly SourcePlan[]): readonly SourceUse[] =>
    sources.map((source) => ({ definition, source }))
  if (plan.kind === 'whenever') {
    const read = [...expressionColumns(plan.where), ...plan.columns]
    return uses([plan.fact, ...dimensionsRead(plan.fact, read, plan.entity)])
  }
  const { population } = plan
  if (population.of === 'dimension') return uses([population.dimension])
  const { source, population: dimension, entity } = population.view
  if (dimension !== null) return uses([dimension])
  return source === null ? [] : uses([source, ...dimensionsRead(source, [], entity)])
}

/** What a manifest says of a spine that was made; the hash covers all of it. */
export type MadeSpineText = {
  readonly kind: SpinePlan['kind']
  /** Such as `view customer_usage`, `dimension mart.customers` or `fact mart.failures`. */
  readonly of: string
  readonly every?: string
  readonly zone?: string
  readonly after?: string
  /** The range of times, ISO 8601. */
  readonly from?: string
  readonly to?: string
  readonly before?: string
  readonly hash: string
}

export function spineText({ plan }: MadeSpine): MadeSpineText {
  const hash = spineHash(plan)
  if (plan.kind === 'whenever')
    return { kind: plan.kind, of: `fact ${plan.fact.table}`, before: durationText(plan.before), hash }
  return {
    kind: plan.kind,
    of: populationText(plan),
    every: durationText(plan.every),
    zone: plan.zone,
    after: durationText(plan.after),
    from: isoTime(plan.from),
    to: isoTime(plan.to),
    hash,
  }
}

function spineHash(plan: SpinePlan): string {
  if (plan.kind === 'whenever') return canonicalHash(withoutChecks(plan))
  const { population, from, to, ...grid } = plan
  const of = population.of === 'view' ? population.view.hash : withoutChecks(population.dimension)
  return canonicalHash({ ...grid, of, from: String(from), to: String(to) })
}

/** Why a spine that was made has no rows, and what to do. */
export function nobodyText({ plan }: MadeSpine): string {
  if (plan.kind === 'whenever')
    return (
      `The spine has no rows: no event of ${plan.fact.table} has all keys (${keyNames(plan)}), a time` +
      `${plan.where === null ? '' : ' and meets the condition'}. Check the fact${plan.where === null ? '' : ' and the condition'}.`
    )
  const range = `between ${isoTime(plan.from)} and ${isoTime(plan.to)}`
  if (timesOf(plan).length === 0)
    return (
      `The spine has no rows: its grid, ${durationText(plan.every)} in ${plan.zone}, has no time ${range}. ` +
      'Give a longer range.'
    )
  return (
    `The spine has no rows: ${populationText(plan)} has nobody ${range}. ` +
    'Check the range, and the table that says who is there.'
  )
}

/** The query of a spine that is made; it makes `table` for the times of a grid. */
export async function madeSource(
  session: Warehouse,
  { plan }: MadeSpine,
  time: string,
  table: string,
): Promise<SpineSource> {
  const { leaves } = session
  const { keys } = spineEntity(plan)
  const own = plan.kind === 'whenever' ? plan.columns : []
  const taken = [...keys.map(({ name }) => name), ...own].find((name) => name.toLowerCase() === time.toLowerCase())
  if (taken !== undefined)
    throw bad(
      `The time column '${time}' has the name of another column of the spine, '${taken}'. Give it another name.`,
      {
        column: time,
      },
    )
  const rows = plan.kind === 'whenever' ? eventSpineSql(leaves, plan) : await gridRows(session, plan, table)
  const columns = [
    ...keys.map(({ name }, index) => sql`${sql.id('m', keyAlias(index))} AS ${sql.id(name)}`),
    sql`${leaves.fromEpochMicros(sql`m.us`)} AS ${sql.id(time)}`,
    ...own.map((name, index) => sql`${sql.id('m', spineValue(index))} AS ${sql.id(name)}`),
  ]
  const order = [time, ...keys.map(({ name }) => name), ...own].map((name) => sql`${sql.id('given', name)} NULLS FIRST`)
  return {
    columns: sql`given.*`,
    from: sql`(SELECT ${sql.join(columns)} FROM (${rows}) m) given`,
    number: sql`ROW_NUMBER() OVER (ORDER BY ${sql.join(order)}) - 1`,
  }
}

async function gridRows(session: Warehouse, plan: GridSpinePlan, table: string): Promise<Sql> {
  const us = timesOf(plan)
  const bigint = session.leaves.columnType('bigint')
  await session.run(sql`CREATE TEMPORARY TABLE ${sql.id(table)} (us ${bigint}, t ${bigint})`)
  const values = [us, us.map((time) => askedTime(plan, time))]
  await session.append(table, {
    rows: us.length,
    names: ['us', 't'],
    columns: values.map((list) => ({ type: 'bigint' as const, values: BigInt64Array.from(list), nulls: null })),
  })
  return gridSpineSql(session.leaves, plan, sql.id(table))
}

/** The times of the rows, µs. */
function timesOf({ every, zone, after, from, to }: GridSpinePlan): readonly bigint[] {
  const most = (to - from) / BigInt(every)
  if (most > MOST_TIMES)
    throw bad(
      `The spine of everyGrid would have ${most} times, more than ${MOST_TIMES}. Make the range shorter or the step longer.`,
      { times: Number(most) },
    )
  const shift = BigInt(after)
  return gridInstants({ every, zone }, from - shift, to - shift).map((time) => time + shift)
}

function keyNames(plan: SpinePlan): string {
  return spineEntity(plan)
    .keys.map(({ name }) => name)
    .join(', ')
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}
