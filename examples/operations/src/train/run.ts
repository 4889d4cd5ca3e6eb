// Trains the model of the example on its training set, registers it and makes it the champion: npm run train -w examples/operations
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { vectorFields } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { runRisk } from '../../definitions/index.ts'
import { STATE } from '../state-folder.ts'
import { trainModel } from './train-model.ts'

const example = join(import.meta.dirname, '../..')
const folder = join(STATE, 'training/run_risk')
const martlet = (...args: readonly string[]): unknown => {
  const command = [
    '--conditions=@martlet/source',
    join(example, '../../packages/cli/bin/martlet.js'),
    ...args,
    '--json',
  ]
  return JSON.parse(execFileSync(process.execPath, command, { cwd: example, encoding: 'utf8', stdio: 'pipe' }))
}

martlet('training-set', 'run_risk')
const trained = await (async () => {
  await using project = await loadProject(join(example, 'martlet.config.ts'))
  const warehouse = await project.warehouse()
  const batch = await warehouse.read(sql`SELECT * FROM training.run_risk AS t ORDER BY spine_row`)
  const features = vectorFields(runRisk.plan).map(({ name }) => name)
  return trainModel(batch, features, 'fails_soon', 'pipeline_runs__failure_share_7d')
})()
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'model.onnx'), trained.onnx)
await writeFile(join(folder, 'golden.json'), JSON.stringify(trained.golden))
await writeFile(join(folder, 'metrics.json'), JSON.stringify(trained.metrics))
const files = ['--onnx', 'model.onnx', '--golden', 'golden.json', '--metrics', 'metrics.json'].map((word) =>
  word.startsWith('--') ? word : join(folder, word),
)
const { version } = z
  .object({ version: z.object({ version: z.number() }) })
  .parse(martlet('models', 'register', 'run_risk', ...files, '--service', 'run_risk', '--training-set', 'run_risk'))
martlet('models', 'promote', 'run_risk', String(version.version), '--reason', 'the newest')
const { metrics } = trained
console.log(`run_risk ${version.version} is the champion`)
const alone = metrics['baseline_auc']?.toFixed(3)
console.log(
  `AUC ${metrics['auc']?.toFixed(3)} on ${metrics['rows_test']} later rows; the share of failed runs alone: ${alone}`,
)
