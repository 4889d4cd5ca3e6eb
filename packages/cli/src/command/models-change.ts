import { userInfo } from 'node:os'
import process from 'node:process'
import { nameIn, readsOf, type ServicePlan } from '@martlet/feature-store'
import type { JsonValue, Registry } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { named } from '../project/definitions.ts'
import { readManifest } from '../project/manifests.ts'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { readJson } from './json-file.ts'
import { readModel, refuseMissingModel } from './models-files.ts'
import { moveText } from './models-show.ts'
import { goldenRows, inputMapping, manifestViews, metrics, trainingSet } from './register-files.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface RegisterOptions extends GlobalOptions {
  readonly onnx: string
  readonly service: string
  readonly golden: string
  readonly inputs?: string
  readonly metrics?: string
  readonly trainingSet?: string
  readonly tag?: readonly string[]
  readonly description?: string
  readonly source?: string
  readonly runId?: string
  readonly actor?: string
}

export interface MoveOptions extends GlobalOptions {
  readonly reason: string
  readonly alias?: string
  readonly expect?: string
  readonly approver?: string
  readonly actor?: string
}

export interface TagOptions extends GlobalOptions {
  readonly of?: string
  readonly remove?: readonly string[]
}

export async function registerModel(
  context: CommandContext,
  model: string,
  options: RegisterOptions,
): Promise<Outcome> {
  const tags = pairsOf(options.tag ?? [], '--tag')
  await refuseMissingModel(options.onnx)
  const golden = await readJson(options.golden, '--golden', goldenRows)
  const inputs = options.inputs === undefined ? undefined : await readJson(options.inputs, '--inputs', inputMapping)
  const measured = options.metrics === undefined ? undefined : await readJson(options.metrics, '--metrics', metrics)
  const file = await readModel(options.onnx)
  const project = await context.project()
  const service = named((await project.definitions()).services, options.service, 'service')
  const trainedOn = options.trainingSet === undefined ? undefined : await trainingSetOf(project, options.trainingSet)
  const registry = await project.registry()
  const { version, created } = await registry.register({
    model,
    ...file,
    service: trainedOn === undefined ? service.plan : withTrainedDefaults(service.plan, trainedOn),
    goldenRows: golden,
    tags,
    actor: actorOf(options),
    source: options.source ?? options.onnx,
    ...(inputs === undefined ? {} : { inputs }),
    ...(measured === undefined ? {} : { metrics: measured }),
    ...(trainedOn === undefined ? {} : { trainingSet: trainedOn, definitionHashes: hashesOf(service.plan, trainedOn) }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.runId === undefined ? {} : { runId: options.runId }),
  })
  const within = version.trial.replay.largestDifference.toPrecision(2)
  const features = version.signature.fields.length
  const result = created
    ? `registered ${model} version ${version.version}: ${features} features, golden rows within ${within}`
    : `${model} version ${version.version} is this file already; nothing was stored`
  return {
    exitCode: 0,
    data: { created, version },
    text: `${result}\nmartlet models promote ${model} ${version.version} --reason … makes it live.`,
  }
}

export async function promote(
  context: CommandContext,
  model: string,
  version: string,
  options: MoveOptions,
): Promise<Outcome> {
  const number = versionNumber(version)
  const expected =
    options.expect === undefined ? undefined : options.expect === 'none' ? null : versionNumber(options.expect)
  const alias = options.alias ?? 'champion'
  const registry = await (await context.project()).registry()
  const expect = expected === undefined ? await live(registry, model, alias) : expected
  const move = await registry.setAlias(model, alias, number, { ...reasonOf(options), expect })
  return { exitCode: 0, data: { move }, text: `${model}@${alias}: ${moveText(move)}` }
}

export async function rollback(context: CommandContext, model: string, options: MoveOptions): Promise<Outcome> {
  const alias = options.alias ?? 'champion'
  const move = await (await (await context.project()).registry()).rollback(model, alias, reasonOf(options))
  return { exitCode: 0, data: { move }, text: `${model}@${alias}: ${moveText(move)}` }
}

export async function archive(
  context: CommandContext,
  model: string,
  version: string,
  options: MoveOptions,
): Promise<Outcome> {
  const number = versionNumber(version)
  await (
    await (await context.project()).registry()
  ).archive(model, number, { actor: actorOf(options), reason: options.reason })
  return {
    exitCode: 0,
    data: { model, version: number, lifecycle: 'archived' },
    text: `${model} version ${number} is archived`,
  }
}

export async function tag(
  context: CommandContext,
  model: string,
  pairs: readonly string[],
  options: TagOptions,
): Promise<Outcome> {
  const wanted = pairsOf(pairs, 'tag')
  const version = options.of === undefined ? null : versionNumber(options.of)
  const remove = options.remove ?? []
  if (pairs.length === 0 && remove.length === 0)
    throw new MartletError('USAGE', 'No tag was named. Give key=value, or --remove <key>.')
  const registry = await (await context.project()).registry()
  for (const [key, value] of Object.entries(wanted)) await registry.setTag(model, version, key, value)
  for (const key of remove) await registry.removeTag(model, version, key)
  return {
    exitCode: 0,
    data: { model, version, set: wanted, removed: remove },
    text: `${model}${version === null ? '' : ` version ${version}`}: ${[...pairs, ...remove.map((key) => `-${key}`)].join(' ')}`,
  }
}

/** What the model was trained on: a training set of this project, or what a trainer elsewhere recorded. */
async function trainingSetOf(project: Project, named: string): Promise<JsonValue> {
  return named.endsWith('.json') ? readJson(named, '--training-set', trainingSet) : readManifest(project, named)
}

/** The hash of each definition when the training set was built; its present hash when the training set does not record it. */
function hashesOf({ views, onDemand = [] }: ServicePlan, trainedOn: JsonValue): Readonly<Record<string, string>> {
  const { views: then } = manifestViews.safeParse(trainedOn).data ?? { views: {} }
  const present = [
    ...readsOf({ views }).map((read) => ({ name: nameIn(read), hash: read.view.hash })),
    ...onDemand.map(({ plan }) => plan),
  ]
  return Object.fromEntries(present.map(({ name, hash }) => [name, then[name] ?? hash]))
}

/** The service with the defaults that the training set was built with. */
function withTrainedDefaults(service: ServicePlan, trainedOn: JsonValue): ServicePlan {
  const manifest = manifestViews.safeParse(trainedOn).data
  if (manifest === undefined) return service
  const views = service.views.map(({ defaults: _, ...read }) => {
    const then = manifest.defaults?.[nameIn(read)]
    return then === undefined ? read : { ...read, defaults: then }
  })
  return { ...service, views }
}

async function live(registry: Registry, model: string, alias: string): Promise<number | null> {
  return (await registry.aliases()).find((target) => target.model === model && target.alias === alias)?.version ?? null
}

export function reasonOf(options: Pick<MoveOptions, 'reason' | 'approver' | 'actor'>): {
  readonly reason: string
  readonly actor: string
  readonly approver?: string
} {
  return {
    reason: options.reason,
    actor: actorOf(options),
    ...(options.approver === undefined ? {} : { approver: options.approver }),
  }
}

export function actorOf({ actor }: { readonly actor?: string }): string {
  return actor ?? (process.env['MARTLET_ACTOR'] || userInfo().username)
}

export function versionNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new MartletError(
    'USAGE',
    `${JSON.stringify(text)} is not a version. Versions are 1, 2, 3 …: \`martlet models show <model>\` lists them.`,
    { data: { version: text } },
  )
}

export function pairsOf(pairs: readonly string[], what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1)
        throw new MartletError('USAGE', `${what} ${JSON.stringify(pair)} is not a tag. Write it as key=value.`, {
          data: { pair },
        })
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
