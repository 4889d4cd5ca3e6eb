/**
 * Estimates the performance of two models on held-out weeks, prints how far the estimates are from what labels say, and
 * NannyML's on the same rows. `bench/drift/estimates.py` makes the rows and NannyML's estimates.
 *
 *   npx node --conditions=@martlet/source bench/drift/estimates.ts [folder]
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { calibrateClassifier, calibrateLoss, estimatePerformance, type PerformanceEstimate } from '@martlet/drift'
import { openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'

interface Theirs {
  readonly value: number
  readonly lower_confidence_boundary: number
  readonly upper_confidence_boundary: number
  readonly realized: number
}
type TheirWeek = { readonly from: string } & Readonly<Record<string, Theirs>>

const folder = process.argv[2] ?? '.tmp/estimates'
const file = join(folder, 'nannyml.json')
const nannyml: Readonly<Record<string, string | readonly TheirWeek[]>> = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : {}
await using warehouse = await openDuckDb()

const rowsOfPart = (name: string, part: string) =>
  sql`SELECT * FROM read_parquet(${join(folder, `${name}.parquet`)}) WHERE part = ${part}`

/** The Mondays to Mondays that have rows. */
async function weeks(of: Warehouse, name: string) {
  const found = await of.read(
    sql`SELECT DISTINCT date_trunc('week', ts)::DATE::VARCHAR AS week FROM (${rowsOfPart(name, 'analysis')}) ORDER BY 1`,
  )
  return rowsOf<{ week: string }>(found).map(({ week }) => {
    const from = new Date(`${week}T00:00:00Z`)
    return { from, to: new Date(from.getTime() + 7 * 86_400_000) }
  })
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const before = performance.now()
  const result = await work()
  console.log(`${what}: ${((performance.now() - before) / 1000).toFixed(2)} s`)
  return result
}

function compare(
  name: string,
  estimates: readonly PerformanceEstimate[],
  metrics: Readonly<Record<string, string>>,
): void {
  const theirs = nannyml[name]
  console.log(
    `\n${name}: ${estimates.length} weeks, NannyML ${nannyml['nannyml'] === undefined ? 'not run' : JSON.stringify(nannyml['nannyml'])}`,
  )
  console.log('metric      realised (least, most)   off: ours  NannyML  reference  in the band: ours  NannyML')
  for (const [metric, other] of Object.entries(metrics)) {
    const rows = estimates.flatMap((estimate) => {
      const found = estimate.metrics.find((one) => one.metric === metric)
      if (found === undefined || found.value === null || found.realised === null) return []
      const week = estimate.from?.slice(0, 10)
      const their = Array.isArray(theirs)
        ? (theirs as readonly TheirWeek[]).find(({ from }) => from === week)?.[other]
        : undefined
      return [{ ...found, value: found.value, realised: found.realised, their }]
    })
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const off = mean(rows.map(({ value, realised }) => Math.abs(value - realised)))
    const constant = mean(rows.map(({ reference, realised }) => Math.abs((reference ?? Number.NaN) - realised)))
    const inside = mean(
      rows.map(({ low, high, realised }) => Number((low ?? 0) <= realised && realised <= (high ?? 0))),
    )
    const known = rows.flatMap(({ their, realised }) => (their === undefined ? [] : [{ ...their, realised }]))
    const theirOff = mean(known.map(({ value, realised }) => Math.abs(value - realised)))
    const theirInside = mean(
      known.map(({ lower_confidence_boundary: low, upper_confidence_boundary: high, realised }) =>
        Number(low <= realised && realised <= high),
      ),
    )
    const values = rows.map(({ realised }) => realised)
    const digits = (value: number) => value.toFixed(4).padStart(8)
    console.log(
      `${metric.padEnd(10)}${digits(mean(values))} (${Math.min(...values).toFixed(4)}, ${Math.max(...values).toFixed(4)})` +
        `  ${digits(off)} ${digits(theirOff)}   ${digits(constant)}      ${digits(inside)} ${digits(theirInside)}  (${known.length})`,
    )
  }
  const statuses = estimates.map(({ status }) => status)
  console.log(`doubtful ${statuses.filter((one) => one === 'doubtful').length}, of ${statuses.length}`)
}

async function classify(name: string, table: string, label: string, threshold: number): Promise<void> {
  const calibration = await timed(`calibrate ${name}`, () =>
    calibrateClassifier(warehouse, {
      relation: rowsOfPart(table, 'reference'),
      score: 'score',
      label,
      threshold,
      time: 'ts',
    }),
  )
  const calibrated = calibration.classes.some(({ chances }) => chances !== null)
  console.log(`calibrated: ${calibrated}, ${calibration.rows} rows, ${JSON.stringify(calibration).length} bytes`)
  console.log('reference', calibration.performance, 'unsteady', calibration.unsteady?.spread)
  const estimates = await timed(`estimate ${name}`, async () =>
    estimatePerformance({
      warehouse,
      calibration,
      relation: rowsOfPart(table, 'analysis'),
      time: 'ts',
      windows: await weeks(warehouse, table),
    }),
  )
  compare(name, estimates, { auc: 'roc_auc', f1: 'f1', precision: 'precision', recall: 'recall', accuracy: 'accuracy' })
  console.log(estimates[0]?.assumption.sentence)
}

await classify('flights', 'flights', 'late', 0.3)
await classify('long rides', 'taxi', 'long', 0.5)

const loss = await timed('calibrate taxi', () =>
  calibrateLoss(warehouse, {
    relation: rowsOfPart('taxi', 'reference'),
    prediction: 'predicted',
    label: 'minutes',
    features: [
      'hour',
      'weekday',
      'trip_distance',
      'pu_location_id',
      'do_location_id',
      'passenger_count',
      'ratecode_id',
    ],
    time: 'ts',
  }),
)
console.log('trees:', loss.absolute.trees.trees.length, loss.squared.trees.trees.length, 'reference', loss.performance)
console.log(
  'unsteady:',
  loss.absolute.unsteady,
  loss.squared.unsteady,
  'noise',
  loss.absolute.noise,
  loss.squared.noise,
  `${JSON.stringify(loss).length} bytes`,
)
const taxi = await timed('estimate taxi', async () =>
  estimatePerformance({
    warehouse,
    calibration: loss,
    relation: rowsOfPart('taxi', 'analysis'),
    time: 'ts',
    windows: await weeks(warehouse, 'taxi'),
  }),
)
compare('taxi', taxi, { mae: 'mae', rmse: 'rmse' })
console.log(taxi[0]?.assumption.sentence)
