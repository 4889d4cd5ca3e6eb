import process from 'node:process'
import { resolve } from 'node:path'
import { vectorFields } from '@martlet/feature-store'
import { readOnnx } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { bindSignature } from '../import/mlflow/bind-signature.ts'
import { signatureDifferences } from '../import/mlflow/check-signature.ts'
import { mlflowServer, type MlflowServer } from '../import/mlflow/mlflow-server.ts'
import { GOLDEN_FILE, readModelFolder, readRemoteFolder, type ModelFiles } from '../import/mlflow/model-folder.ts'
import { remoteModel, type RemoteModel } from '../import/mlflow/remote-model.ts'
import { runRecord, type RunRecord } from '../import/mlflow/run-record.ts'
import { named } from '../project/definitions.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { jsonOf, readJson } from './json-file.ts'
import { actorOf, pairsOf } from './models-change.ts'
import { goldenRows, inputMapping, metrics } from './register-files.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ImportOptions extends GlobalOptions {
  readonly service: string
  readonly model?: string
  readonly from?: string
  readonly golden?: string
  readonly bind?: string
  readonly metrics?: string
  readonly tag?: readonly string[]
  readonly description?: string
  readonly actor?: string
}

/** Registers an ONNX model that MLflow has, from a folder or a live server. */
export async function importModel(context: CommandContext, place: string, options: ImportOptions): Promise<Outcome> {
  const tags = pairsOf(options.tag ?? [], '--tag')
  const given = options.bind === undefined ? {} : await readJson(options.bind, '--bind', inputMapping)
  const measured = options.metrics === undefined ? {} : await readJson(options.metrics, '--metrics', metrics)
  const { files, server, ...origin } = await filesOf(context, place, options)
  const model = options.model ?? origin.name
  if (model === undefined)
    throw new MartletError('USAGE', `${place} has no name of its own. Name the model with --model.`)
  const golden = await goldenOf(files, options.golden)
  const runId = files.mlModel.runId ?? origin.runId
  const run = server === undefined || runId === undefined ? NO_RUN : await runRecord(server, runId)
  const project = await context.project()
  const service = named((await project.definitions()).services, options.service, 'service')
  const graph = readOnnx(files.onnx)
  const bound = bindSignature(graph, files.mlModel.inputs, vectorFields(service.plan), given)
  const differences = [...signatureDifferences(files.mlModel, graph), ...bound.differences]
  if (differences.length > 0)
    throw new MartletError(
      'MLFLOW_SIGNATURE_MISMATCH',
      `The signature of ${place} does not fit:\n- ${differences.join('\n- ')}\nLog the model with the signature that it has, or say with --bind which column a feature is.`,
      { data: { place, service: options.service, differences } },
    )
  const registry = await project.registry()
  const { version, created } = await registry.register({
    model,
    onnx: files.onnx,
    externalData: files.externalData,
    service: service.plan,
    goldenRows: golden,
    inputs: bound.inputs,
    metrics: { ...run.metrics, ...measured },
    tags: { ...paramTags(run), ...ownTags(origin.tags), ...tags },
    description: options.description ?? origin.description,
    source: origin.source,
    actor: actorOf(options),
    ...(runId === undefined ? {} : { runId }),
  })
  const result = created
    ? `imported ${model} version ${version.version} from ${origin.source}: ${version.signature.fields.length} features, ${Object.keys(version.metrics).length} metrics`
    : `${model} version ${version.version} is this file already; nothing was stored`
  return {
    exitCode: 0,
    data: { created, version },
    text: `${result}\nmartlet models promote ${model} ${version.version} --reason … makes it live.`,
  }
}

const NO_RUN: RunRecord = { metrics: {}, params: {} }

interface Origin extends Omit<RemoteModel, 'folder'> {
  readonly files: ModelFiles
  readonly server: MlflowServer | undefined
}

async function filesOf(context: CommandContext, place: string, { from }: ImportOptions): Promise<Origin> {
  const address = from ?? process.env['MLFLOW_TRACKING_URI']
  const isRemote = /^(models|runs):/.test(place)
  if (isRemote && address === undefined)
    throw new MartletError('USAGE', `${place} is on an MLflow server. Name it with --from, or in MLFLOW_TRACKING_URI.`)
  // The variable may name a folder or a database, which an import from a folder does not need.
  const asked = isRemote || from !== undefined ? address : undefined
  const server = asked === undefined ? undefined : mlflowServer(asked, { env: process.env, signal: context.signal })
  if (isRemote && server !== undefined) {
    const { folder, ...rest } = await remoteModel(place, server)
    return { ...rest, server, files: await readRemoteFolder(folder) }
  }
  return {
    files: await readModelFolder(resolve(place)),
    server,
    source: place,
    name: undefined,
    runId: undefined,
    description: '',
    tags: {},
  }
}

async function goldenOf({ golden }: ModelFiles, option: string | undefined) {
  if (option !== undefined) return readJson(option, '--golden', goldenRows)
  if (golden !== undefined) return jsonOf(golden, { option: '--golden', path: GOLDEN_FILE }, goldenRows)
  throw new MartletError(
    'USAGE',
    `Rows with the answers of the trainer are needed: --golden <file>, or a file ${GOLDEN_FILE} in the folder of the model.`,
    { data: { option: '--golden' } },
  )
}

function paramTags({ params }: RunRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [`param.${key}`, value]))
}

/** Without those that MLflow and Martlet keep for themselves. */
function ownTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(mlflow|martlet)\./.test(key)))
}
