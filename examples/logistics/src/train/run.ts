// Trains the models of train/models.json on the training sets of the project and registers them:
//   npm run train -w examples/logistics -- [--typescript] [--model name] [--promote]
// With Python (LightGBM, or scikit-learn) in an environment of its own; with --typescript by the trees of src/model.
import { execFileSync } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { vectorFields } from '@martlet/feature-store'
import { sql, tableRef } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { tableOf } from '../model/text-table.ts'
import { runScript, trainersPython } from './python.ts'
import { STATE } from '../state-folder.ts'
import { readSpecs, type ModelSpec } from './specs.ts'
import { trainModel, type Score } from './train-model.ts'
import { writeModelFiles } from './write-files.ts'

const { values } = parseArgs({
  options: {
    typescript: { type: 'boolean', default: false },
    model: { type: 'string', multiple: true },
    promote: { type: 'boolean', default: false },
    /** Trains on the files of an earlier run. */
    'keep-sets': { type: 'boolean', default: false },
  },
})
const example = join(import.meta.dirname, '../..')
const folder = join(STATE, 'training')
/** Runs a command of Martlet in the example and returns its JSON document. */
const martlet = (...args: readonly string[]): unknown => {
  const bin = join(example, '../../packages/cli/bin/martlet.js')
  const command = ['--conditions=@martlet/source', bin, ...args, '--json']
  // Progress goes to stderr; of a failure, it is in the message.
  return JSON.parse(execFileSync(process.execPath, command, { cwd: example, encoding: 'utf8', stdio: 'pipe' }))
}
const setFile = (spec: ModelSpec): string => join(folder, `${spec.trainingSet}.parquet`)

/** Null is a figure that is none, such as the AUC of rows that are all alike. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
const reported = z.object({
  library: z.string(),
  rows: z.object({ rows_train: z.number(), rows_test: z.number() }),
  scores: z.array(z.object({ metric: z.string(), model: figure, baseline: figure })),
})

const registered = z.object({ version: z.object({ version: z.number() }) })

interface Trained {
  readonly by: string
  readonly train: number
  readonly test: number
  readonly scores: readonly Score[]
}

async function inTypeScript(spec: ModelSpec, out: string): Promise<Trained> {
  await using project = await loadProject(join(example, 'martlet.config.ts'))
  const service = (await project.definitions()).services.get(spec.service)
  if (service === undefined) throw new Error(`there is no service ${spec.service}`)
  const warehouse = await project.warehouse()
  const table = tableRef(`training.${spec.trainingSet}`)
  const batch = await warehouse.read(sql`SELECT * FROM ${table} AS t ORDER BY spine_row`)
  const features = vectorFields(service.plan).map(({ name }) => name)
  const trained = trainModel(batch, features, spec)
  await writeModelFiles(out, trained)
  const { train, test } = trained.rows
  return { by: 'typescript', train, test, scores: trained.scores }
}

function inPython(python: string, name: string, spec: ModelSpec, out: string): Trained {
  const text = runScript(python, 'train.py', [name, setFile(spec), out])
  const { library, rows, scores } = reported.parse(JSON.parse(text.trim().split('\n').at(-1) ?? ''))
  return { by: library, train: rows.rows_train, test: rows.rows_test, scores }
}

const python = values.typescript ? undefined : await trainersPython()
const specs = [...(await readSpecs())].filter(([name]) => values.model?.includes(name) ?? true)
await mkdir(folder, { recursive: true })
if (!values['keep-sets'])
  for (const [set, spec] of new Map(specs.map(([, spec]) => [spec.trainingSet, spec])))
    martlet('training-set', set, '--parquet', setFile(spec))

const lines: string[][] = []
for (const [name, spec] of specs) {
  const out = join(folder, name)
  const trained = python === undefined ? await inTypeScript(spec, out) : inPython(python, name, spec, out)
  const files = ['onnx', 'golden', 'metrics', 'inputs'].flatMap((kind) => [
    `--${kind}`,
    join(out, kind === 'onnx' ? 'model.onnx' : `${kind}.json`),
  ])
  const inputs: unknown = JSON.parse(await readFile(join(out, 'inputs.json'), 'utf8'))
  const given = z.record(z.string(), z.unknown()).parse(inputs)
  // A mapping says that there is one input per feature, so an empty one is not given.
  const needed = Object.keys(given).length === 0 ? files.slice(0, -2) : files
  const lineage = ['--service', spec.service, '--training-set', spec.trainingSet, '--tag', `library=${trained.by}`]
  const { version } = registered.parse(martlet('models', 'register', name, ...needed, ...lineage))
  if (values.promote)
    martlet('models', 'promote', name, String(version.version), '--reason', `trained by ${trained.by}`)
  for (const { metric, model, baseline } of trained.scores)
    lines.push([
      name,
      trained.by,
      String(trained.train),
      String(trained.test),
      metric.replace('_', ' '),
      model.toFixed(4),
      baseline.toFixed(4),
      spec.baseline.name,
    ])
}
console.log(tableOf(['model', 'fitted by', 'learnt', 'judged', '', 'model', 'baseline', 'which is'], lines))
