// Takes the models that make_zoo.py wrote through registration, promotion and HTTP, and compares the answers with Python's:
//   node --conditions=@martlet/source run-zoo.ts <folder>
// A model that is not listed as refused must be served; one that is must be refused in the words that are listed.
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  openCatalog,
  openMemoryStore,
  planDefinitions,
  precomputed,
  publishRows,
} from '@martlet/feature-store'
import { folderArtifacts, openRegistry, readOnnxFile } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { serving } from '../../src/index.ts'
import { batch, once, type Cell } from '../support/batch.ts'
import { compare } from './differences.ts'
import { answer, zooModel, type Answers, type ZooModel } from './zoo-file.ts'

/** Models that cannot be served, with the beginning of the sentence that says why. */
const unsupported = 'ONNX_UNSUPPORTED: This ONNX model cannot be served: '
const mismatch = (name: string): string =>
  `SIGNATURE_MISMATCH: The model does not fit feature service "${name}_service":\n- input `
const doubleTrees = `${unsupported}output "variable" is declared float64, but TreeEnsembleRegressor always answers float32; export`
const refusals: Readonly<Record<string, string>> = {
  // onnxruntime in Python cannot open these either
  double_forest_regressor: doubleTrees,
  double_gradient_boosting_regressor: doubleTrees,
  double_hist_gradient_boosting_nan: doubleTrees,
  // each exporter writes something else than its library computes, or the rows of a batch depend on each other
  mlp_two_targets: 'OUTPUT_SHAPE: Output "variable" of model mlp_two_targets has the shape [16, 1] for 8 rows',
  qda: 'OUTPUT_SHAPE: Output "output_label" of model qda has the shape [1, 8] for 8 rows',
  lightgbm_random_forest:
    'GOLDEN_ROWS_DISAGREE: Model lightgbm_random_forest does not give the answers that its trainer got',
  quantized_dynamic: 'MODEL_BATCH_DEPENDENT: Model quantized_dynamic answers golden row',
  torch_poissonnlllloss_no_reduce: 'MODEL_BATCH_DEPENDENT: Model torch_poissonnlllloss_no_reduce answers golden row',
  wide_inputs: `${mismatch('wide_inputs')}"texts" is string of the shape [?, 2], input "numbers" is float32`,
}

/** What a served answer may differ from what onnxruntime in Python answers to the same file. */
const SAME_RUNTIME = 1e-6

const day = 86_400_000_000n
const now = 20_463n * day
const row = entity('row', { row_id: z.string() })

function definitionsOf({ name, fields }: ZooModel) {
  const types = { double: z.number(), bigint: z.int(), text: z.string() }
  const columns = Object.fromEntries(
    fields.map(({ name, type, nullable }) => [name, nullable ? types[type].nullable() : types[type]]),
  )
  const source = precomputed(`zoo.${name}`, {
    columns: { row_id: z.string(), at: z.date(), ...columns },
    entity: row,
    time: 'at',
  })
  const view = featureView(name, {
    of: row,
    from: source,
    every: '1d',
    // column names that are known only when this runs fit no type of theirs
    features: (f) => Object.fromEntries(fields.map(({ name }) => [name, f.column(name as never)])),
  })
  return { view, service: featureService(`${name}_service`, [view]) }
}

type Classes = Readonly<Record<string, readonly (string | number)[]>>
type Outcome = { readonly served: Answers; readonly classes: Classes } | { readonly refused: string }

const predicted = z.object({
  classes: z.record(z.string(), z.array(z.union([z.string(), z.number()]))).default({}),
  rows: z.array(z.object({ prediction: z.record(z.string(), answer) })),
})

const [folder = '.tmp/zoo'] = process.argv.slice(2)
const models = z.array(zooModel).parse(JSON.parse(await readFile(join(folder, 'zoo.json'), 'utf8')))
const state = await mkdtemp(join(tmpdir(), 'martlet-zoo-'))
await using catalog = await openCatalog({ path: join(state, 'catalog.sqlite') })
await using online = openMemoryStore()
const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(state, 'artifacts')) })
const definitions = new Map(models.map((model) => [model.name, definitionsOf(model)]))
await applyDefinitions(
  catalog,
  await planDefinitions(
    catalog,
    [...definitions.values()].flatMap(({ view, service }) => [view, service]),
  ),
)
await using app = serving({ catalog, online, registry, auth: 'none', now: () => now, limits: { inFlight: 1 } })

/** Registers, promotes and serves a model over its rows, as they are in the online store. */
async function outcomeOf(model: ZooModel): Promise<Outcome> {
  const { name, fields, rows } = model
  const definition = definitions.get(name)
  if (definition === undefined) throw new Error(`${name} has no definition`)
  const keys = rows.map((_, index) => ({ row_id: `r${index}` }))
  const cells = (column: number): readonly Cell[] => rows.map((values) => values[column] ?? null)
  const columns = fields.map(({ name, type }, index) => [name, [type, cells(index)]] as const)
  const identity = {
    row_id: ['text', keys.map(({ row_id }) => row_id)],
    feature_time: ['timestamp', keys.map(() => now)],
  } as const
  await publishRows(online, definition.view.plan, once(batch({ ...identity, ...Object.fromEntries(columns) })))
  try {
    await registry.register({
      model: name,
      ...(await readOnnxFile(join(folder, `${name}.onnx`))),
      service: definition.service.plan,
      goldenRows: model.golden,
      actor: 'zoo',
      ...(model.mapping === null ? {} : { inputs: model.mapping }),
    })
  } catch (error) {
    if (error instanceof MartletError) return { refused: `${error.code}: ${error.message}` }
    throw error
  }
  await registry.setAlias(name, 'champion', 1, { expect: null, reason: 'as good as in Python', actor: 'zoo' })
  await app.refresh()
  const response = await app.request(`/v1/models/${name}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys }),
  })
  if (response.status !== 200) return { refused: `HTTP ${response.status}: ${await response.text()}` }
  const { rows: predictions, classes } = predicted.parse(await response.json())
  const outputs = Object.keys(predictions[0]?.prediction ?? {})
  return {
    served: Object.fromEntries(
      outputs.map((output) => [output, predictions.map(({ prediction }) => prediction[output] ?? null)]),
    ),
    classes,
  }
}

interface Line {
  readonly name: string
  readonly outcome: string
  readonly onnxruntime: string
  readonly library: string
  readonly failed: boolean
}

function judge(model: ZooModel, outcome: Outcome): Line {
  const { name, labels, near } = model
  const refusal = refusals[name]
  if ('refused' in outcome) {
    const expected = refusal !== undefined && outcome.refused.startsWith(refusal)
    return {
      name,
      outcome: `${expected ? 'refused' : 'REFUSED'}: ${outcome.refused.replaceAll('\n', ' ')}`,
      onnxruntime: '',
      library: '',
      failed: !expected,
    }
  }
  const runtime = model.onnxruntime === null ? undefined : compare(outcome.served, model.onnxruntime, SAME_RUNTIME)
  // a file that Python cannot open is compared as closely with the library
  const library = compare(outcome.served, model.library, runtime === undefined ? SAME_RUNTIME : near)
  const wrong = [
    refusal === undefined ? undefined : 'served, though listed as refused',
    runtime?.miss,
    library.miss,
    ...Object.entries(outcome.classes).map(([output, classes]) =>
      other(`classes of ${output}`, classes, (labels[output] ?? model.classes[output])?.map(asNumber)),
    ),
    other(
      'outputs with classes',
      Object.keys(labels).filter((output) => !(output in outcome.classes)),
      [],
    ),
    other('outputs', Object.keys(outcome.served), Object.keys(model.onnxruntime ?? model.library)),
  ].find((reason) => reason !== undefined)
  return {
    name,
    outcome: wrong === undefined ? 'served' : `WRONG: ${wrong}`,
    onnxruntime: runtime?.largest.toExponential(1) ?? 'cannot open',
    library: library.largest.toExponential(1),
    failed: wrong !== undefined,
  }
}

/** Labels that are true and false in the library are 1 and 0 in the exported model. */
function asNumber(label: string | number | boolean): string | number {
  return typeof label === 'boolean' ? Number(label) : label
}

function other(what: string, got: unknown, want: unknown): string | undefined {
  return isDeepStrictEqual(got, want) ? undefined : `${what} ${JSON.stringify(got)}, in Python ${JSON.stringify(want)}`
}

const lines: Line[] = []
for (const model of models) lines.push(judge(model, await outcomeOf(model)))
const unknown = Object.keys(refusals).filter((name) => !models.some((model) => model.name === name))
await rm(state, { recursive: true, force: true })

const count = (outcome: string): number => lines.filter((line) => line.outcome.startsWith(outcome)).length
const width = Math.max(...lines.map(({ name }) => name.length))
console.log('Largest differences from Python, absolute up to 1 and relative beyond')
console.log(`${'model'.padEnd(width)}  onnxruntime  library  outcome`)
for (const { name, onnxruntime, library, outcome } of lines)
  console.log(`${name.padEnd(width)}  ${onnxruntime.padEnd(11)}  ${library.padEnd(7)}  ${outcome}`)
for (const name of unknown) console.log(`${name} is listed as refused and is not in ${folder}`)
const failed = lines.filter((line) => line.failed).length + unknown.length
console.log(
  `${lines.length} models: ${count('served')} served as in Python, ${count('refused')} refused as listed, ${failed} otherwise`,
)
process.exitCode = failed === 0 && lines.length > 0 ? 0 : 1
