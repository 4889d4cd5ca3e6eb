import { instantText, toMicros } from '@martlet/feature-store'
import type { AliasMove, ModelVersion } from '@martlet/registry'
import type { Outcome } from '../terminal/outcome.ts'
import { facts, table } from '../terminal/table.ts'
import { bytesWords, instantWords } from '../terminal/words.ts'
import { lineageOfVersion, lineageText } from './lineage.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface HistoryOptions extends GlobalOptions {
  readonly alias?: string
  readonly at?: string
}

export async function listModels(context: CommandContext): Promise<Outcome> {
  const { paint, width } = context.terminal
  const models = await (await (await context.project()).registry()).models()
  const rows = models.map(({ name, latest, aliases, tags, updatedAt }) => [
    name,
    latest === null ? '–' : String(latest),
    pairsText(aliases),
    pairsText(tags),
    instantWords(toSecond(updatedAt)),
  ])
  const columns = [
    { title: 'model' },
    { title: 'latest', right: true },
    { title: 'aliases' },
    { title: 'tags' },
    { title: 'changed' },
  ]
  return {
    exitCode: 0,
    data: { models },
    text:
      models.length === 0 ? 'no model is registered yet: martlet models register' : table(columns, rows, paint, width),
  }
}

export async function showModel(
  context: CommandContext,
  model: string,
  reference: string | undefined,
): Promise<Outcome> {
  const { paint, width } = context.terminal
  const project = await context.project()
  const registry = await project.registry()
  if (reference !== undefined) {
    const version = await registry.resolve(model, /^\d+$/.test(reference) ? Number(reference) : reference)
    const lineage = await lineageOfVersion(await project.catalog(), version)
    return {
      exitCode: 0,
      data: { version, lineage },
      text: `${versionText(version, width)}\n\n${lineageText(lineage, version, width)}`,
    }
  }
  const versions = await registry.versions({ model })
  // A name that nobody registered is an error; a model without versions is not.
  if (versions.length === 0) await registry.resolve(model, 1)
  const columns = [
    { title: 'version', right: true },
    { title: 'status' },
    { title: 'aliases' },
    { title: 'service' },
    { title: 'metrics' },
    { title: 'created' },
  ]
  const rows = versions.map(({ version, status, lifecycle, aliases, service, metrics, createdAt }) => [
    String(version),
    lifecycle === 'active' ? status : lifecycle,
    aliases.join(', ') || '–',
    service.name,
    pairsText(metrics),
    instantWords(toSecond(createdAt)),
  ])
  return { exitCode: 0, data: { model, versions }, text: table(columns, rows, paint, width) }
}

export async function modelHistory(context: CommandContext, model: string, options: HistoryOptions): Promise<Outcome> {
  const { paint, width } = context.terminal
  const alias = options.alias ?? 'champion'
  const at = options.at === undefined ? undefined : toMicros(options.at, '--at')
  const registry = await (await context.project()).registry()
  const { live, moves } = await registry.history(
    model,
    alias,
    at === undefined ? {} : { at: new Date(Number(at / 1000n)) },
  )
  const target = live === null ? 'nothing' : `version ${live}`
  const headline =
    at === undefined
      ? `${model}@${alias} points to ${target}`
      : `${model}@${alias} pointed to ${target} at ${instantWords(instantText(at))}`
  const columns = [{ title: 'at' }, { title: 'move' }, { title: 'by' }, { title: 'reason' }]
  const rows = moves
    .toReversed()
    .map((move) => [
      instantWords(toSecond(move.at)),
      moveText(move),
      move.approver === null ? move.actor : `${move.actor}, approved by ${move.approver}`,
      move.reason,
    ])
  return {
    exitCode: 0,
    data: { model, alias, live, moves },
    text: rows.length === 0 ? headline : `${headline}\n\n${table(columns, rows, paint, width)}`,
  }
}

export function moveText({ kind, from, to }: Pick<AliasMove, 'kind' | 'from' | 'to'>): string {
  return `${kind} ${from ?? '–'} → ${to ?? '–'}`
}

function versionText(version: ModelVersion, width: number): string {
  const { signature, artifact, trial } = version
  const [single] = trial.cost
  const cost = single === undefined ? '' : `, ${single.medianMs.toFixed(2)} ms for one row`
  const lines: (readonly [string, string])[] = [
    [
      'status',
      `${version.status}${version.statusMessage === '' ? '' : `: ${version.statusMessage}`}, ${version.lifecycle}`,
    ],
    ['aliases', version.aliases.join(', ') || '–'],
    ['service', `${version.service.name} (${version.service.hash.slice(0, 12)})`],
    ['features', String(signature.fields.length)],
    ['outputs', signature.outputs.map(({ name, element }) => `${name} (${element})`).join(', ')],
    ['artifact', `${artifact.sha256.slice(0, 16)}…, ${bytesWords(artifact.bytes)}`],
    ['trial', `golden rows within ${trial.replay.largestDifference.toPrecision(2)}${cost}`],
    ['metrics', pairsText(version.metrics)],
    ['tags', pairsText(version.tags)],
    ['created', `${instantWords(toSecond(version.createdAt))} by ${version.createdBy}`],
    ...(version.description === '' ? [] : [['about', version.description] as const]),
  ]
  return [`${version.model} version ${version.version}`, ...facts(lines, width)].join('\n')
}

function pairsText(pairs: Readonly<Record<string, string | number>>): string {
  return (
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`)
      .join(' ') || '–'
  )
}

function toSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000)
}
