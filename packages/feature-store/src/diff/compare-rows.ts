import {
  rowsOf,
  sql,
  type ColumnType,
  type Leaves,
  type RunOptions,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { EntityPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { PreviewValue } from '../read/preview/batch-values.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { featureText } from '../vocabulary/words.ts'
import {
  afterColumn,
  beforeColumn,
  changedSql,
  measured,
  measureOf,
  rowsCompared,
  type Sides,
} from './compare-values.ts'
import { kindOf, type FeaturePair } from './feature-pairs.ts'
import { largestChange } from './largest-change.ts'
import { createTable, stagedValue, type StagedRows } from './stage-definition.ts'
import type { Changes, EntityKey, FeatureDiff, ValueSummary } from './view-diff.ts'

/** So many features are compared by one statement. */
const FEATURES_AT_ONCE = 40

const EXAMPLES = 5

export interface Compared {
  readonly rows: Changes
  readonly entities: Changes
  readonly appearing: readonly EntityKey[]
  readonly vanishing: readonly EntityKey[]
  readonly features: readonly FeatureDiff[]
}

/** Compares the staged rows of two definitions by key and time, in the warehouse. */
export async function compareRows(
  session: Warehouse,
  {
    before,
    after,
    pairs,
    examples,
  }: {
    readonly before: ViewPlan
    readonly after: ViewPlan
    readonly pairs: readonly FeaturePair[]
    readonly examples: boolean
  },
  staged: { readonly before: StagedRows; readonly after: StagedRows },
  run: RunOptions,
): Promise<Compared> {
  const columns = pairs.map((pair): Sides => {
    const [old, now] = [before.features.indexOf(pair.before ?? never), after.features.indexOf(pair.after ?? never)]
    return { pair, old, now }
  })
  const joined = await createTable(session, joinedRows(after.entity, columns, staged), run)
  const { table } = joined
  try {
    const rows = changesOf(await one(session, countsSql(table), run))
    const grouped = entitiesSql(table, after.entity)
    const entities = changesOf(await one(session, sql`${countsSql(sql`(${grouped})`)}`, run))
    const some = (there: Sql): Promise<readonly EntityKey[]> =>
      entityExamples(session, grouped, after.entity, there, run)
    const features: FeatureDiff[] = []
    for (let from = 0; from < columns.length; from += FEATURES_AT_ONCE) {
      const part = columns.slice(from, from + FEATURES_AT_ONCE)
      const stats = await one(session, statisticsSql(session.leaves, table, part, from), run)
      for (const [at, sides] of part.entries()) {
        const [i, found] = [from + at, featureDiff(sides, from + at, stats)]
        const largest =
          examples && found.changed > 0 ? await largestChange(session, table, after.entity, sides, i, run) : null
        features.push({ ...found, largest })
      }
    }
    return {
      rows,
      entities,
      appearing: !examples || entities.appear === 0 ? [] : await some(sql`in_before = 0`),
      vanishing: !examples || entities.vanish === 0 ? [] : await some(sql`in_after = 0`),
      features,
    }
  } finally {
    await session.run(joined.drop)
  }
}

type Row = Readonly<Record<string, PreviewValue>>

/** What no definition has. */
const never: ViewPlan['features'][number] = { kind: '', name: '', type: 'text', nullable: false }

/** `(key aliases, at, in_before, in_after, b0, a0, b1, …)` */
function joinedRows(
  entity: EntityPlan,
  columns: readonly Sides[],
  staged: { readonly before: StagedRows; readonly after: StagedRows },
): Sql {
  const same = entity.keys.map((_, i) => sql`${sql.id('b', keyAlias(i))} = ${sql.id('a', keyAlias(i))}`)
  const list = [
    ...entity.keys.map((_, i) => {
      const key = keyAlias(i)
      return sql`COALESCE(${sql.id('b', key)}, ${sql.id('a', key)}) AS ${sql.id(key)}`
    }),
    sql`COALESCE(b.at, a.at) AS at`,
    sql`CASE WHEN b.at IS NULL THEN 0 ELSE 1 END AS in_before`,
    sql`CASE WHEN a.at IS NULL THEN 0 ELSE 1 END AS in_after`,
    ...columns.flatMap(({ old, now }, i) => [
      ...(old < 0 ? [] : [sql`${sql.id('b', stagedValue(old))} AS ${sql.id(`b${i}`)}`]),
      ...(now < 0 ? [] : [sql`${sql.id('a', stagedValue(now))} AS ${sql.id(`a${i}`)}`]),
    ]),
  ]
  return sql`
    SELECT ${sql.join(list)}
    FROM ${staged.before.table} b
    FULL OUTER JOIN ${staged.after.table} a ON ${sql.join([...same, sql`b.at = a.at`], sql` AND `)}
  `
}

function countsSql(from: Sql): Sql {
  const count = (condition: Sql, name: string): Sql =>
    sql`COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0) AS ${sql.id(name)}`
  return sql`
    SELECT ${sql.join([
      count(sql`j.in_before = 1`, 'before'),
      count(sql`j.in_after = 1`, 'after'),
      count(sql`j.in_before = 1 AND j.in_after = 1`, 'both'),
      count(sql`j.in_before = 0`, 'appear'),
      count(sql`j.in_after = 0`, 'vanish'),
    ])}
    FROM ${from} j
  `
}

function entitiesSql(table: Sql, entity: EntityPlan): Sql {
  const keys = entity.keys.map((_, i) => sql.id('j', keyAlias(i)))
  const grouped = keys.length === 0 ? sql`` : sql` GROUP BY ${sql.join(keys)}`
  const list = [...keys, sql`MAX(j.in_before) AS in_before`, sql`MAX(j.in_after) AS in_after`]
  return sql`SELECT ${sql.join(list)} FROM ${table} j${grouped}`
}

async function entityExamples(
  session: Warehouse,
  grouped: Sql,
  entity: EntityPlan,
  there: Sql,
  run: RunOptions,
): Promise<readonly EntityKey[]> {
  const keys = entity.keys.map(({ name }, i) => sql`${sql.id('g', keyAlias(i))} AS ${sql.id(name)}`)
  if (keys.length === 0) return []
  const order = sql.join(entity.keys.map((_, i) => sql.id('g', keyAlias(i))))
  return rowsOf<Row>(
    await session.read(
      sql`
        SELECT ${sql.join(keys)}
        FROM (${grouped}) g
        WHERE ${there}
        ORDER BY ${order} LIMIT ${sql.raw(String(EXAMPLES))}
      `,
      run,
    ),
  )
}

/** One row with what is told of each feature: `changed0`, `before_mean0`, … */
function statisticsSql(leaves: Leaves, table: Sql, part: readonly Sides[], from: number): Sql {
  const list = part.flatMap((sides, at) => {
    const i = from + at
    const { before, after } = sides.pair
    const where = rowsCompared(sides)
    const count = (name: string, condition: Sql): Sql =>
      sql`COALESCE(SUM(CASE WHEN ${where} AND ${condition} THEN 1 ELSE 0 END), 0) AS ${sql.id(`${name}${i}`)}`
    const both = before !== undefined && after !== undefined
    return [
      count('rows', sql`1 = 1`),
      ...(both
        ? [
            count('changed', changedSql(leaves, sides, i)),
            count('filled', sql`${beforeColumn(i)} IS NULL AND ${afterColumn(i)} IS NOT NULL`),
            count('lost', sql`${beforeColumn(i)} IS NOT NULL AND ${afterColumn(i)} IS NULL`),
          ]
        : []),
      ...(before === undefined ? [] : summarySql(leaves, 'before', beforeColumn(i), before.type, where, i)),
      ...(after === undefined ? [] : summarySql(leaves, 'after', afterColumn(i), after.type, where, i)),
    ]
  })
  return sql`SELECT ${sql.join(list)} FROM ${table} j`
}

function summarySql(
  leaves: Leaves,
  side: 'before' | 'after',
  column: Sql,
  type: ColumnType,
  where: Sql,
  i: number,
): readonly Sql[] {
  const value = measured(leaves, sql`CASE WHEN ${where} THEN ${column} END`, type)
  const nulls = sql`COALESCE(SUM(CASE WHEN ${where} AND ${column} IS NULL THEN 1 ELSE 0 END), 0)`
  return [
    sql`${nulls} AS ${sql.id(`${side}_nulls${i}`)}`,
    sql`AVG(${value}) AS ${sql.id(`${side}_mean${i}`)}`,
    sql`MIN(${value}) AS ${sql.id(`${side}_min${i}`)}`,
    sql`MAX(${value}) AS ${sql.id(`${side}_max${i}`)}`,
  ]
}

function featureDiff(sides: Sides, i: number, stats: Row): FeatureDiff {
  const { before, after } = sides.pair
  const number = (name: string): number => Number(stats[`${name}${i}`] ?? 0)
  const name = after?.name ?? before?.name ?? ''
  return {
    name,
    formerName: before === undefined || before.name === name ? null : before.name,
    kind: kindOf(sides.pair),
    words: {
      before: before === undefined ? null : featureText(before),
      after: after === undefined ? null : featureText(after),
    },
    rows: number('rows'),
    changed: number('changed'),
    nullToValue: number('filled'),
    valueToNull: number('lost'),
    before: before === undefined ? null : summaryOf(stats, 'before', before.type, i),
    after: after === undefined ? null : summaryOf(stats, 'after', after.type, i),
    largest: null,
  }
}

function summaryOf(stats: Row, side: 'before' | 'after', type: ColumnType, i: number): ValueSummary {
  const value = (name: string): number | null => {
    const found = stats[`${side}_${name}${i}`] ?? null
    return found === null ? null : Number(found)
  }
  const measure = measureOf(type)
  const shown = (micros: number | null): PreviewValue =>
    measure === 'time' && micros !== null ? new Date(micros / 1000) : measure === 'share' ? null : micros
  return {
    nulls: value('nulls') ?? 0,
    mean: measure === 'time' ? null : finite(value('mean')),
    min: shown(value('min')),
    max: shown(value('max')),
  }
}

/** Sums of the largest doubles are beyond them. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}

async function one(session: Warehouse, query: Sql, run: RunOptions): Promise<Row> {
  return rowsOf<Row>(await session.read(query, run))[0] ?? {}
}

function changesOf(row: Row): Changes {
  const number = (name: string): number => Number(row[name] ?? 0)
  return {
    before: number('before'),
    after: number('after'),
    both: number('both'),
    appear: number('appear'),
    vanish: number('vanish'),
  }
}
