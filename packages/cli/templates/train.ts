// Fits next_day_kwh = a * kwh_1d + b * kwh_7d + c by least squares and writes it as an ONNX model.
// Any trainer that exports ONNX can take its place; the golden rows show that the file gives its trainer's answers.
import { writeFile } from 'node:fs/promises'
import { linearRegressionOnnx } from '@martlet/registry'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
const found = await warehouse.read(sql`
  SELECT customer_usage__kwh_1d AS day, customer_usage__kwh_7d AS week, next_day_kwh AS target
  FROM training.next_day_training WHERE next_day_kwh IS NOT NULL ORDER BY spine_row`)
const rows = rowsOf<{ day: number; week: number; target: number }>(found)

const mean = (value: (row: (typeof rows)[number]) => number) =>
  rows.reduce((sum, row) => sum + value(row), 0) / rows.length
const center = { day: mean((r) => r.day), week: mean((r) => r.week), target: mean((r) => r.target) }
const moment = (a: keyof typeof center, b: keyof typeof center) => mean((r) => (r[a] - center[a]) * (r[b] - center[b]))
const determinant = moment('day', 'day') * moment('week', 'week') - moment('day', 'week') ** 2
const a =
  (moment('day', 'target') * moment('week', 'week') - moment('week', 'target') * moment('day', 'week')) / determinant
const b =
  (moment('week', 'target') * moment('day', 'day') - moment('day', 'target') * moment('day', 'week')) / determinant
const c = center.target - a * center.day - b * center.week

const predict = (row: { day: number; week: number }) => a * row.day + b * row.week + c
const mae = mean((row) => Math.abs(predict(row) - row.target))
const golden = rows.filter((_, i) => i % Math.ceil(rows.length / 5) === 0)

await writeFile(
  'model.onnx',
  linearRegressionOnnx({
    features: ['customer_usage__kwh_1d', 'customer_usage__kwh_7d'],
    weights: [a, b],
    bias: c,
    impute: [center.day, center.week],
  }),
)
await writeFile(
  'golden.json',
  JSON.stringify({
    inputs: golden.map(({ day, week }) => [day, week]),
    outputs: { prediction: golden.map(predict) },
    tolerance: { absolute: 0.0001, relative: 0.0001 },
  }),
)
await writeFile('metrics.json', JSON.stringify({ mae, rows: rows.length }))
console.log(`${rows.length} rows, mean absolute error ${mae.toFixed(3)} kWh: model.onnx, golden.json, metrics.json`)
