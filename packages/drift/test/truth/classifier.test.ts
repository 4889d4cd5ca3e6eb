import { columnBatch, ensureTable, type Warehouse } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { loadPredictions, runTruth, type DriftResult, type TruthRequest } from '../../src/index.ts'
import { logFolder, logLine } from '../predictions/log-folder.ts'

const FIRST = Date.UTC(2026, 0, 5)
const MINUTE = 60_000
const at = (i: number) => new Date(FIRST + i * MINUTE)

/** 200 predictions as exporters of scikit-learn answer them; the chance is right, the class says yes from 0.5 on. */
const chance = (i: number) => ((i * 37) % 100) / 100
const outcome = (i: number) => (i * 53) % 97 < chance(i) * 97

async function run(
  warehouse: Warehouse,
  model: string,
  outputs: (chance: number) => unknown,
  change: Partial<TruthRequest> = {},
): Promise<DriftResult> {
  const lines = Array.from({ length: 200 }, (_, i) =>
    logLine({
      model,
      requestId: `r-${i}`,
      time: at(i).toISOString(),
      keys: { customer_id: `c${i % 40}` },
      prediction: outputs(chance(i)),
    }),
  )
  await loadPredictions({ warehouse, model, folder: await logFolder({ 'a.jsonl': lines }) })
  return runTruth({
    warehouse,
    model,
    labels: { table: 'happened', time: 'at', value: 'late', within: 60_000_000 },
    windows: [{ from: at(0), to: at(200) }],
    now: new Date(FIRST + 86_400_000),
    record: false,
    ...change,
  })
}

it('a classifier is measured by its chances, and where none is named the error says which columns have them', async () => {
  await using warehouse = await openTestWarehouse()
  await ensureTable(warehouse, {
    table: 'happened',
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'late', type: 'boolean' },
    ],
  })
  const all = Array.from({ length: 200 }, (_, i) => i)
  await warehouse.append(
    'happened',
    columnBatch({
      customer_id: { type: 'text', values: all.map((i) => `c${i % 40}`) },
      at: { type: 'timestamp', values: all.map((i) => BigInt(at(i).getTime()) * 1000n) },
      late: { type: 'boolean', values: all.map(outcome) },
    }),
  )
  const named = { output_label: 'late', output_probability: [0.2, 0.8] }
  const instead = 'name one of its outputs as `prediction`: '
  const errors = [
    ['of_text', () => named, `the prediction is a text, not a number; ${instead}`],
    [
      'of_lists',
      () => ({ probabilities: [0.2, 0.8] }),
      `has no column prediction; ${instead}prediction__probabilities__0, prediction__probabilities__1`,
    ],
    ['of_one', () => ({ score: [0.7] }), "has no column prediction; give `prediction: 'prediction__score__0'`"],
  ] as const
  for (const [model, outputs, message] of errors)
    await expect(run(warehouse, model, outputs)).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
      message: expect.stringContaining(message),
    })
  const outputs = (p: number) => ({ output_label: p >= 0.5 ? 1 : 0, output_probability: [1 - p, p] })
  const result = await run(warehouse, 'named', outputs, { prediction: 'prediction__output_probability__1' })
  const auc = result.windows[0]?.performance?.groups[0]?.metrics.find(({ metric }) => metric === 'auc')?.value
  expect(auc).toBeCloseTo(aucOf(all.map(chance), all.map(outcome)), 8)
})

/** How often a yes has a higher chance than a no, ties half. */
function aucOf(chances: readonly number[], outcomes: readonly boolean[]): number {
  const [yes, no] = [true, false].map((wanted) => chances.filter((_, i) => outcomes[i] === wanted))
  if (yes === undefined || no === undefined) throw new Error('both happened')
  const higher = yes.flatMap((a) => no.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))
  return higher.reduce<number>((sum, one) => sum + one, 0) / higher.length
}
