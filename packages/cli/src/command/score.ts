import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { userInfo } from 'node:os'
import type { FeaturesFrom } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'
import { modelReference } from '../score/model-reference.ts'
import { scoreSpine, type ScoreManifest, type ScoreTarget } from '../score/score-spine.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts } from '../terminal/table.ts'
import { trainingProgress } from '../terminal/training-progress.ts'
import { counted, grouped, instantWords } from '../terminal/words.ts'
import { sidecarOf } from './export-set.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { givenSpine, readSpine, type SpineOptions } from './spine-choice.ts'

export interface ScoreCommandOptions extends GlobalOptions, SpineOptions {
  readonly into: string
  readonly from?: string
  readonly chunkRows?: string
  readonly restart?: boolean
}

/** The folder next to the artifacts with the manifests of tables of scores. */
const SCORES_FOLDER = 'scores'

/** `score <model>`: predicts every row of a spine into a table or a file. */
export async function score(context: CommandContext, name: string, options: ScoreCommandOptions): Promise<Outcome> {
  const { terminal } = context
  const asked = modelReference(name)
  const from = source(options.from)
  const chunkRows = rowsOfChunk(options.chunkRows)
  const into: ScoreTarget = /\.parquet$/i.test(options.into)
    ? { parquet: resolve(options.into) }
    : { table: options.into }
  const project = await context.project()
  const definitions = await project.definitions()
  const { spine, time, zone } = givenSpine(options, definitions)
  if (spine === undefined || time === undefined)
    throw new MartletError(
      'USAGE',
      'Scoring needs a spine, the keys and times of the rows. ' +
        'Give --spine <table or file.sql> and --time <column>, or --every 1d, --of <view>, --start and --end.',
    )
  const registry = await project.registry()
  const version = await registry.resolve(asked.model, asked.version)
  const service = named(definitions.services, version.service.name, 'service')
  const manifestFile = 'parquet' in into ? sidecarOf(into.parquet) : tableManifest(project, into.table)
  const scores = await scoreSpine({
    warehouse: await project.warehouse(),
    catalog: await project.catalog(),
    registry,
    model: { model: version.model, version: version.version },
    service,
    spine: await readSpine(spine, process.cwd()),
    time,
    into,
    from,
    actor: userInfo().username,
    written: (manifest) => writeManifest(context, into, manifestFile, manifest),
    onProgress: trainingProgress(terminal, options.into),
    signal: context.signal,
    ...(zone === undefined ? {} : { zone }),
    ...(chunkRows === undefined ? {} : { chunkRows }),
    ...(options.restart === undefined ? {} : { restart: options.restart }),
  })
  const { manifest, chunks, resumed } = scores
  const lines = [
    `${terminal.paint('bold', options.into)}: ${counted(scores.rows, 'prediction')} ` +
      `from ${instantWords(manifest.first)} to ${instantWords(manifest.last)}`,
    ...facts(
      [
        ['model', `${manifest.model} version ${manifest.version}, ${manifest.sha256.slice(0, 12)}`],
        ['outputs', manifest.outputs.map((output) => output.name).join(', ')],
        ...refusedFacts(scores.refused),
        ['chunks', `${grouped(chunks)}${resumed === 0 ? '' : `, ${grouped(resumed)} of an earlier run`}`],
        ['manifest', relative('.', manifestFile)],
      ],
      terminal.width,
    ),
  ]
  return { exitCode: 0, data: { into: options.into, ...scores, manifestFile }, text: lines.join('\n') }
}

function refusedFacts(refused: number): readonly (readonly [string, string])[] {
  if (refused === 0) return []
  return [
    ['refused', `${counted(refused, 'row')} that ${refused === 1 ? 'lacks' : 'lack'} a feature the model needs: null`],
  ]
}

function source(from = 'facts'): FeaturesFrom {
  if (from === 'facts' || from === 'tiles' || from === 'materialized') return from
  throw new MartletError('USAGE', `--from ${from} is not a source of features. Give facts, tiles or materialized.`)
}

function rowsOfChunk(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rows = Number(text)
  if (Number.isSafeInteger(rows) && rows > 0) return rows
  throw new MartletError('USAGE', `--chunk-rows ${text} is not a number of rows. Give a whole number of at least 1.`)
}

/** Names may have slashes. */
function tableManifest({ paths }: Project, table: string): string {
  return join(paths.artifacts, SCORES_FOLDER, `${encodeURIComponent(table.toLowerCase())}.json`)
}

/** Next to a file, with the mode that the user's own files have; otherwise for this user only. */
async function writeManifest(
  { exporting }: CommandContext,
  into: ScoreTarget,
  file: string,
  manifest: ScoreManifest,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  if ('parquet' in into) {
    const mode = exporting(() => 0o666 & ~process.umask())
    await chmod(`${file}.new`, mode)
    await chmod(into.parquet, mode)
  }
  await rename(`${file}.new`, file)
}
