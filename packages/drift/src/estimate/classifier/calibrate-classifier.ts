import { sql, typeText, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { justBelow } from '../../count/bin-edges.ts'
import { numbersOf } from '../../count/numbers-of.ts'
import { fromRelation, relationColumns, type Relation } from '../../count/relation.ts'
import { openSource } from '../../count/scan-source.ts'
import { withTable } from '../../count/with-table.ts'
import { significant } from '../../verdict/stable-number.ts'
import { calibrationRefused } from '../calibration-refused.ts'
import { numberColumn, referenceColumn } from '../reference-column.ts'
import { timeBlocks } from '../time-blocks.ts'
import { calibrateClass, together, type ClassCalibration } from './class-calibration.ts'
import { scoreScans, truthOf } from './classifier-columns.ts'
import type { ClassifierCalibration } from './classifier-calibration.ts'
import { classifierMetrics, performanceOf, realisedScores } from './classifier-metrics.ts'
import { scanScores } from './scan-scores.ts'
import type { ScoreCounts } from './score-counts.ts'
import { unsteadiness } from './unsteadiness.ts'

export interface ClassifierReference {
  /** Scored rows whose labels are known and that the model was not trained on. */
  readonly relation: Relation
  /** The column of the class's score, 0 to 1; of several classes, the column of each by the value of its label. */
  readonly score: string | Readonly<Record<string, string>>
  readonly label: string
  /** With one score: the label's value that it is the chance of. @default true, or 1 where the label is a number */
  readonly positive?: string | number | boolean
  /** With one score: from which score on a row is predicted to be of the class. @default 0.5 */
  readonly threshold?: number
  /** When a row was predicted: its stretches are held out in turn, and show how steady the estimate is over time. */
  readonly time?: string
}

/** Quantiles of the scores that become edges of bins. */
const BINS = 200
/** Stretches of time of the reference that are held out in turn. */
const BLOCKS = 10
/** With fewer labels, the chances of bins are noise. */
const MINIMUM_LABELS = 200

/**
 * Measures how often scores come true, in one pass over the reference, so that the performance of rows without labels can be
 * estimated with {@link estimatePerformance}. Only counts leave the warehouse.
 *
 * @throws MartletError CALIBRATION_INVALID when columns are missing, labels cannot be of a class, or there are fewer than 200 labels
 * or only one class
 *
 * @example
 * const calibration = await calibrateClassifier(warehouse, { relation: 'scored.holdout', score: 'p', label: 'defaulted' })
 */
export async function calibrateClassifier(
  warehouse: Warehouse,
  reference: ClassifierReference,
): Promise<ClassifierCalibration> {
  return withTable(warehouse, reference.relation, async (session, table) => {
    const columns = await relationColumns(session, table)
    const label = referenceColumn(columns, reference.label)
    const threshold = reference.threshold ?? 0.5
    if (!Number.isFinite(threshold)) throw calibrationRefused(`threshold ${threshold} is not a finite number`)
    const named = classesOf(reference, label, columns)
    const labelled = sql`SELECT * FROM ${fromRelation(table)} WHERE ${knownLabel(session, label, named)} IS NOT NULL`
    const edges = await scoreEdges(
      session,
      labelled,
      named.map(({ score }) => sql.id(score)),
      named.length === 1 ? threshold : null,
    )
    const classes = named.map((one, index) => ({ ...one, edges: edges[index] ?? [] }))
    const scans = scoreScans(session.leaves, { label: label.name, threshold, classes }, columns)
    const time = reference.time === undefined ? null : referenceColumn(columns, reference.time).name
    const blocks = time === null ? [] : await timeBlocks(session, labelled, time, BLOCKS)
    const source = openSource(session, { relation: labelled, time: blocks.length < 2 ? null : time, windows: blocks })
    const counted = await scanScores(session, source, scans)
    return calibrationOf({ label: label.name, threshold, classes }, counted, blocks.length >= 2)
  })
}

function calibrationOf(
  {
    label,
    threshold,
    classes,
  }: Pick<ClassifierCalibration, 'label' | 'threshold'> & {
    readonly classes: readonly { readonly value: string; readonly score: string; readonly edges: readonly number[] }[]
  },
  counted: readonly (readonly ScoreCounts[])[],
  timed: boolean,
): ClassifierCalibration {
  const all = counted.map((windows, index) => together(windows, (classes[index]?.edges.length ?? 0) + 1))
  const calibrated = classes.flatMap((one, index) =>
    all.slice(index, index + 1).map((counts) => calibrateClass(one, counts)),
  )
  const [rows = 0] = calibrated.map((one) => one.rows.reduce((sum, count) => sum + count, 0))
  if (rows < MINIMUM_LABELS)
    throw calibrationRefused(
      `it has ${rows} rows with a label and a score between 0 and 1, and ${MINIMUM_LABELS} are needed`,
      { rows },
    )
  for (const { value, positives } of calibrated) {
    const count = positives.reduce((sum, one) => sum + one, 0)
    if (count === 0 || count === rows)
      throw calibrationRefused(`${count === 0 ? 'no' : 'every'} label is ${value}`, { value })
  }
  const performance = performanceOf(all.map(realisedScores))
  return {
    kind: 'classifier',
    label,
    threshold,
    rows,
    classes: calibrated.map((one) => ({ ...one, sums: one.sums.map((sum) => significant(sum, 9)) })),
    performance: Object.fromEntries(
      classifierMetrics.map((metric) => [
        metric,
        Number.isFinite(performance[metric]) ? significant(performance[metric], 9) : null,
      ]),
    ) as ClassifierCalibration['performance'],
    unsteady: timed ? unsteadiness(calibrated, counted, all) : null,
  }
}

function classesOf(
  { score, positive }: ClassifierReference,
  label: ColumnSpec,
  columns: readonly ColumnSpec[],
): readonly { readonly value: string; readonly score: string }[] {
  if (typeof score !== 'string') {
    if (Object.keys(score).length === 0) throw calibrationRefused('`score` names no class')
    return Object.entries(score).map(([value, column]) => ({ value, score: numberColumn(columns, column).name }))
  }
  if (positive === undefined && label.type === 'text')
    throw calibrationRefused(`${label.name} is text; say with \`positive\` which value the score is the chance of`, {
      column: label.name,
    })
  const value = positive ?? (label.type === 'boolean' ? true : 1)
  return [{ value: String(value), score: numberColumn(columns, score).name }]
}

/** Null in rows whose label is not known. */
function knownLabel(
  { leaves }: Warehouse,
  label: ColumnSpec,
  classes: readonly Pick<ClassCalibration, 'value'>[],
): Sql {
  const truths = classes.map(({ value }) => {
    const truth = truthOf(leaves, label, value)
    if (truth !== null) return truth
    throw calibrationRefused(`label ${label.name} is of type ${typeText(label.type)} and never ${value}`, {
      column: label.name,
      value,
    })
  })
  return truths[0] ?? sql.id(label.name)
}

/** Quantiles of the scores; below the least and from the greatest on there are bins that the reference has no row in. */
async function scoreEdges(
  warehouse: Warehouse,
  relation: Sql,
  scores: readonly Sql[],
  threshold: number | null,
): Promise<readonly (readonly number[])[]> {
  const { leaves } = warehouse
  const levels = Array.from({ length: BINS + 1 }, (_, index) => index / BINS)
  const found: (readonly number[])[] = []
  for (const score of scores) {
    const finite = sql`SELECT ${leaves.finite(score)} AS s FROM (${relation}) AS labelled_rows`
    const quantiles = leaves
      .quantiles(sql.raw('s'), levels)
      .map((value, index) => sql`${value} AS ${sql.id(`q${index}`)}`)
    const batch = await warehouse.read(
      sql`SELECT ${sql.join(quantiles)} FROM (${finite}) AS finite_rows WHERE s >= 0 AND s <= 1`,
    )
    found.push(
      edgesOf(
        batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN),
        threshold,
      ),
    )
  }
  return found
}

function edgesOf(quantiles: readonly number[], threshold: number | null): readonly number[] {
  const values = quantiles.filter((value) => !Number.isNaN(value))
  const frequent = values.filter((value, index) => value === values[index - 1])
  const edges = [...values, ...[...values.slice(0, 1), ...frequent].map(justBelow)]
  if (threshold !== null) edges.push(justBelow(threshold))
  return [...new Set(edges)].toSorted((a, b) => a - b)
}
