// Fits and judges a model on every real data set that is there, and prints one table: npm run real -w examples/logistics
import { openDuckDb, sql } from '@martlet/warehouse'
import { hasData } from './shared-data.ts'
import { trials } from './trials.ts'
import type { Verdict } from './trial.ts'
import { tableOf } from '../src/model/text-table.ts'

const verdicts: Verdict[] = []
for (const { data, run } of trials) {
  if (!hasData(data)) {
    console.log(`${data}: skipped, ../shared/data/${data} is not there`)
    continue
  }
  const started = performance.now()
  await using warehouse = await openDuckDb({ memoryLimit: '2GB' })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  verdicts.push(...(await run(warehouse, process.argv.includes('--quick'))))
  console.log(`${data}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
console.log()
console.log(
  tableOf(
    ['data', 'question', 'learnt', 'judged', '', 'model', 'baseline', 'which is'],
    verdicts.map((one) => [
      one.data,
      one.question,
      String(one.trainRows),
      String(one.testRows),
      one.metric,
      one.model.toFixed(3),
      one.baseline.toFixed(3),
      one.against,
    ]),
  ),
)
