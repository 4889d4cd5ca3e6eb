import { sql, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import { someExpression } from '../vocabulary/algebra/expression-columns.ts'
import type { Expression } from '../plan/expression.ts'
import { computedOf } from '../vocabulary/sources/computed.ts'
import { viewAggregates } from '../vocabulary/view-aggregates.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { columns, events, keyNames, keyText } from './time-series.ts'
import { bigintAt, textAt, whole, type Count, type Run, type TableScan } from './table-scan.ts'

/** The columns of its fact's table whose increase the features of a view are made of. */
export function countersOf(view: ViewPlan): readonly string[] {
  const events = eventsOf(view.source)
  if (events === undefined) return []
  const expressions = [
    ...computedOf(events).map(({ expression }) => expression),
    ...viewAggregates(view).flatMap(({ where, computed = [] }) => [
      where,
      ...computed.map(({ expression }) => expression),
    ]),
  ]
  const found = new Set<string>()
  const note = (one: Expression): boolean => {
    if (one.kind === 'increase') found.add(one.column)
    return false
  }
  for (const expression of expressions) if (expression !== null) someExpression(expression, note)
  return [...found].filter((name) => events.columns.some((column) => column.name === name))
}

/** Readings of a counter that are lower than the entity's one before, from where its increase begins anew. */
export async function countResets(warehouse: Warehouse, scan: TableScan, counter: string, run: Run): Promise<Count> {
  const { leaves } = warehouse
  const keys = keyNames(scan)
  const column = scan.source.columns.find(({ name }) => name === counter)
  if (column === undefined) throw new Error(`${scan.source.table} has no column ${counter}`)
  const sequence = eventsOf(scan.source)?.sequence ?? null
  const readings = events(leaves, scan, keys, {
    reads: sequence === null ? [counter] : [counter, sequence],
    list: [
      sql`${column.type === 'double' ? sql.id('o', `${counter}~`) : leaves.tryCast(sql.id('o', counter), column.type)} AS value`,
      sql`${sequence === null ? sql`0` : sql.id('o', sequence)} AS sequence`,
    ],
  })
  const order = sql`PARTITION BY ${sql.join(columns('s', keys))} ORDER BY s.at, s.sequence NULLS FIRST, s.value`
  const pairs = sql`
    SELECT ${sql.join([...columns('s', keys), sql`s.at`, sql`s.value`, sql`LAG(s.value) OVER (${order}) AS before`])}
    FROM (${readings}) s
    WHERE s.value IS NOT NULL
  `
  const found = await warehouse.read(
    sql`
      SELECT COUNT(p.before) AS total, ${whole(leaves, sql`SUM(CASE WHEN p.value < p.before THEN 1 ELSE 0 END)`)} AS resets
      FROM (${pairs}) p
    `,
    run,
  )
  const [total, count] = [Number(bigintAt(found, 0) ?? 0n), Number(bigintAt(found, 1) ?? 0n)]
  const list = sql`SELECT * FROM (${pairs}) p WHERE p.value < p.before`
  const base = {
    column: counter,
    check: 'resets',
    message: 'is lower than the reading before, so that its increase begins anew,',
    count,
    total,
    query: warehouse.compile(sql`${list} LIMIT 100`).sql,
  } as const
  if (count === 0) return { ...base, example: null }
  const first = await warehouse.read(
    sql`
      SELECT ${keyText('x', keys)} AS entity, ${leaves.epochMicros(sql.ref('x.at'))} AS at
      FROM (${list}) x
      ORDER BY x.at, ${sql.join(columns('x', keys))} LIMIT 1
    `,
    run,
  )
  return { ...base, example: `${textAt(first, 0)} at ${shortInstant(bigintAt(first, 1) ?? 0n)}` }
}
