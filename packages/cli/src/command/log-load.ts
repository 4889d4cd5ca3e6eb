import { globSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadPredictions, requestColumn, type PredictionsLoaded } from '@martlet/drift'
import { serviceKeys, serviceRequest, vectorFields } from '@martlet/feature-store'
import { MartletError, type ColumnSpec } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext } from './run-command.ts'

/** `log load [model]`: the finished files of one model, or of all that have any. */
export async function logLoad(context: CommandContext, model: string | undefined): Promise<Outcome> {
  const { terminal, signal } = context
  const project = await context.project()
  const { folders, strange } = wantedFolders(project, model)
  const columns = await declaredColumns(project)
  const warehouse = await project.warehouse()
  const loaded: PredictionsLoaded[] = []
  let open = 0
  for (const { name, folder } of folders) {
    open += globSync('**/*.open', { cwd: folder }).length
    const onProgress = ({ rows, rejected }: PredictionsLoaded): void =>
      terminal.event({ type: 'log', model: name, rows, rejected })
    loaded.push(await loadPredictions({ warehouse, folder, model: name, columns, signal, onProgress }))
  }
  const isWhole = strange.length === 0 && loaded.every(({ rejected, failed }) => rejected === 0 && failed.length === 0)
  const [warning, { width }] = [`${terminal.paint('yellow', 'warning')} `, terminal]
  const texts = [
    ...(loaded.length === 0 ? ['no predictions have been logged'] : loaded.map((one) => textOf(one, terminal))),
    ...(open > 0 && loaded.every(({ files }) => files === 0) ? [hanging('', unfinished(open), width)] : []),
    ...strange.map((folder) =>
      hanging(warning, `folder ${folder} of the log is not named after a model: a % there is written as %25`, width),
    ),
  ]
  return { exitCode: isWhole ? 0 : 2, data: { models: loaded, strange }, text: texts.join('\n') }
}

function unfinished(files: number): string {
  return `${counted(files, 'file')} still being written: files are finished every few minutes while martlet serve runs, and when it stops`
}

interface ModelFolder {
  readonly name: string
  readonly folder: string
}

interface ModelFolders {
  readonly folders: readonly ModelFolder[]
  /** Folders whose names the log has never written. */
  readonly strange: readonly string[]
}

/** The log names the folders of models by their names, as part of a URL. */
function wantedFolders({ paths: { log } }: Project, model: string | undefined): ModelFolders {
  if (log === null)
    throw new MartletError('CONFIG_INVALID', 'Predictions are not logged. Set serving.log.folder.', {
      data: { key: 'serving.log.folder' },
    })
  const found = foldersIn(log).map((folder) => ({ name: modelOf(folder), folder }))
  const all = found.flatMap(({ name, folder }) => (name === undefined ? [] : [{ name, folder: join(log, folder) }]))
  if (model === undefined)
    return { folders: all, strange: found.flatMap(({ name, folder }) => (name === undefined ? [folder] : [])) }
  const one = all.find(({ name }) => name === model)
  if (one !== undefined) return { folders: [one], strange: [] }
  const names = all.map(({ name }) => name)
  throw new MartletError(
    'LOG_EMPTY',
    `No predictions of ${model} are logged in ${log}. ${suggestion(model, names, 'models')} ` +
      'Files are finished every few minutes while `martlet serve` runs, and when it stops.',
    { data: { model, folder: log } },
  )
}

/** Undefined where a % is not followed by what stands for a character. */
function modelOf(folder: string): string | undefined {
  try {
    return decodeURIComponent(folder)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** What the definitions say about the types of keys and features. */
async function declaredColumns(project: Project): Promise<readonly ColumnSpec[]> {
  const { services } = await project.definitions()
  const all = [...services.values()].flatMap(({ plan }) => [
    ...serviceKeys(plan),
    ...vectorFields(plan),
    ...serviceRequest(plan).map(({ name, type }) => ({ name: requestColumn(name), type })),
  ])
  return [...new Map(all.map(({ name, type }) => [name, { name, type }])).values()]
}

function textOf(
  { model, table, files, rows, rejected, findings, failed }: PredictionsLoaded,
  terminal: Terminal,
): string {
  const { paint, width } = terminal
  const warning = `${paint('yellow', 'warning')} `
  const more = rejected - findings.length
  return [
    `${paint('bold', model)}: ${counted(rows, 'prediction')} of ${counted(files, 'new file')} into ${table}`,
    ...findings.map(({ file, line, reason }) => hanging(`  ${warning}`, `${file}, line ${line}: ${reason}`, width)),
    ...(more > 0 ? [`  and ${more} more in monitoring.rejected_predictions`] : []),
    ...failed.map(({ file, message }) => hanging(`  ${warning}`, `${file} could not be read: ${message}`, width)),
  ].join('\n')
}
