// Trains the fraud model on the training set of the project and registers it: npm run train -w examples/banking [-- --promote]
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { tableOf } from '@martlet/example-logistics/model/text-table'
import { vectorFields } from '@martlet/feature-store'
import { sql, tableRef } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { paymentFraud } from '../definitions/index.ts'
import { trainFraud } from './model/train-fraud.ts'
import { writeModelFiles } from './model/write-files.ts'
import { STATE } from './state-folder.ts'

const { values } = parseArgs({ options: { promote: { type: 'boolean', default: false } } })
const example = join(import.meta.dirname, '..')
const NAME = 'payment_fraud'
/** Runs a command of Martlet in the example and returns its JSON document. */
const martlet = (...args: readonly string[]): unknown => {
  const bin = join(example, '../../packages/cli/bin/martlet.js')
  const command = ['--conditions=@martlet/source', bin, ...args, '--json']
  // Progress goes to stderr; of a failure, it is in the message.
  return JSON.parse(execFileSync(process.execPath, command, { cwd: example, encoding: 'utf8', stdio: 'pipe' }))
}

martlet('training-set', NAME)
const folder = join(STATE, 'training', NAME)
const trained = await (async () => {
  await using project = await loadProject(join(example, 'martlet.config.ts'))
  const warehouse = await project.warehouse()
  const batch = await warehouse.read(sql`SELECT * FROM ${tableRef(`training.${NAME}`)} AS t ORDER BY spine_row`)
  return trainFraud(
    batch,
    vectorFields(paymentFraud.plan).map(({ name }) => name),
  )
})()
await writeModelFiles(folder, trained)
const files = ['onnx', 'golden', 'metrics', 'inputs'].flatMap((kind) => [
  `--${kind}`,
  join(folder, kind === 'onnx' ? 'model.onnx' : `${kind}.json`),
])
const lineage = ['--service', NAME, '--training-set', NAME, '--tag', 'library=typescript']
const { version } = z
  .object({ version: z.object({ version: z.number() }) })
  .parse(martlet('models', 'register', NAME, ...files, ...lineage))
if (values.promote)
  martlet('models', 'promote', NAME, String(version.version), '--reason', 'beats the rule on later payments')
const { train, validation, test } = trained.rows
console.log(
  `${train} payments learnt, ${validation} to stop by, ${test} later ones judged, of which ${trained.frauds} were reported`,
)
console.log(
  tableOf(
    ['', 'model', 'rule'],
    trained.scores
      .filter(({ rule }) => Number.isFinite(rule))
      .map(({ metric, model, rule }) => [metric.replaceAll('_', ' '), model.toFixed(3), rule.toFixed(3)]),
  ),
)
console.log(
  `reads most: ${trained.gains
    .slice(0, 5)
    .map(([name, share]) => `${name} ${(share * 100).toFixed(0)} %`)
    .join(', ')}`,
)
