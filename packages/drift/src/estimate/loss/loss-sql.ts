import { sql, type ColumnSpec, type Leaves, type Sql } from '@martlet/warehouse'
import type { OpenSource } from '../../count/scan-source.ts'
import { columnNamed } from '../../count/spelling.ts'
import { readsAsNumber } from '../estimate-obstacle.ts'
import type { BoostedTrees, LossTree } from './boosted-trees.ts'
import type { LossCalibration, LossFeature } from './loss-calibration.ts'

/** A feature's number: the finite value, or the place of a category's value; null where there is none. */
export function featureNumber(leaves: Leaves, { name, values }: LossFeature, columns: readonly ColumnSpec[]): Sql {
  const found = columnNamed(columns, name)
  const column = sql.id(found?.name ?? name)
  if (values !== null) {
    if (values.length === 0) return sql`CAST(NULL AS ${leaves.columnType('double')})`
    const places = values.map((value, place) => sql`WHEN ${column} = ${value} THEN ${sql.raw(String(place))}`)
    return leaves.toDouble(sql`CASE ${sql.join(places, sql` `)} END`)
  }
  return found?.type === 'boolean'
    ? leaves.toDouble(sql`CASE WHEN ${column} THEN 1 WHEN NOT ${column} THEN 0 END`)
    : leaves.finite(column)
}

/** The fourth power of an error is summed over all rows; beyond this it may have no finite double. */
const LARGEST_ERROR = sql.raw('1e70')

/** A finite label whose error can be measured; null where there is none. */
export function usableLabel(leaves: Leaves, label: Sql, prediction: Sql): Sql {
  const [y, p] = [leaves.finite(label), leaves.finite(prediction)]
  return sql`CASE WHEN ${y} - ${p} BETWEEN -${LARGEST_ERROR} AND ${LARGEST_ERROR} THEN ${y} END`
}

/** Rows of (w, p, y, a, q, o): window, prediction, label, expected |error| and error², and whether it is outside of the reference. */
export function expectedLossSql(
  leaves: Leaves,
  source: OpenSource,
  calibration: Pick<LossCalibration, 'features' | 'label' | 'prediction'> & {
    readonly absolute: Pick<LossCalibration['absolute'], 'trees' | 'scale'>
    readonly squared: Pick<LossCalibration['absolute'], 'trees' | 'scale'>
  },
  columns: readonly ColumnSpec[],
): Sql {
  const { features, absolute, squared } = calibration
  const label = columnNamed(columns, calibration.label)
  const truth =
    label === undefined || !readsAsNumber(label)
      ? sql`CAST(NULL AS ${leaves.columnType('double')})`
      : usableLabel(
          leaves,
          sql.id(label.name),
          sql.id(columnNamed(columns, calibration.prediction)?.name ?? calibration.prediction),
        )
  const numbers = features.map((feature, index) => sql`${featureNumber(leaves, feature, columns)} AS ${place(index)}`)
  const unseen = features.flatMap(({ values, complete }, index) =>
    values !== null && complete ? [sql`(${place(index)} IS NULL AND ${sql.id(`t${index}`)} IS NOT NULL)`] : [],
  )
  const texts = features.flatMap(({ name, values, complete }, index) =>
    values !== null && complete
      ? [sql`${sql.id(columnNamed(columns, name)?.name ?? name)} AS ${sql.id(`t${index}`)}`]
      : [],
  )
  const beyond = features.flatMap(({ range }, index) =>
    range === null ? [] : [sql`${place(index)} < ${number(range[0])}`, sql`${place(index)} > ${number(range[1])}`],
  )
  const outside = sql.join([...beyond, ...unseen], sql` OR `)
  const read = source.select([...numbers, ...texts, sql`${truth} AS y`])
  const summed = sql`
    SELECT w, y, ${place(0)} AS p, ${treesSql(absolute.trees)} AS ra, ${treesSql(squared.trees)} AS rq,
      CASE WHEN ${outside} THEN 1 ELSE 0 END AS o
    FROM (${read}) AS feature_rows
  `
  const positive = (column: string, scale: number): Sql =>
    sql`CASE WHEN ${sql.raw(column)} > 0 THEN ${number(scale)} * ${sql.raw(column)} ELSE 0 END`
  return sql`
    SELECT w, p, y, ${positive('ra', absolute.scale)} AS a, ${positive('rq', squared.scale)} AS q, o
    FROM (${summed}) AS summed_rows
  `
}

function place(index: number): Sql {
  return sql.id(`x${index}`)
}

function treesSql({ base, trees }: BoostedTrees): Sql {
  return sql.join([number(base), ...trees.map(treeSql)], sql` + `)
}

function treeSql(tree: LossTree): Sql {
  if ('value' in tree) return number(tree.value)
  const feature = place(tree.feature)
  const low = tree.missingLow
    ? sql`${feature} <= ${number(tree.at)} OR ${feature} IS NULL`
    : sql`${feature} <= ${number(tree.at)}`
  return sql`CASE WHEN ${low} THEN ${treeSql(tree.low)} ELSE ${treeSql(tree.high)} END`
}

function number(value: number): Sql {
  return sql.raw(`(${value.toExponential()})`)
}
