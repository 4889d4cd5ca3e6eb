import type { Desk } from '../../desk/desk.ts'
import type { ModelChoice } from '../../desk/model/live/live-models.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { unknownVersion } from '../../desk/model/unknown-version.ts'
import { notFound } from '../../desk/not-found.ts'
import { authorize, type Scope } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'

/** The path `/v2/models/stats` is that of statistics, so a model of this name has no path of its own. */
export const TAKEN_NAME = 'stats'

/** The alias that answers when no version is named. */
export const DEFAULT_ALIAS = 'champion'

/** What the path of a request names. */
export interface NamedModel {
  readonly model: string
  readonly choice: ModelChoice
}

/**
 * The model in the path, which the caller may use. Its version is a number or an alias.
 *
 * @throws Problem 400 for a model called `stats`, 403 or 404 for one that the caller may not use
 */
export function namedModel({ call, principal }: Exchange, scope: Scope, desk: Desk): NamedModel {
  const model = call.param('model')
  authorize(principal, scope, 'model', model)
  if (model === TAKEN_NAME) {
    const detail = `A model called ${TAKEN_NAME} cannot be served here, because /v2/models/${TAKEN_NAME} are the statistics.`
    throw new Problem(400, 'INFER_INVALID', `${detail} Register it under another name.`, { path: 'model' })
  }
  const version = call.param('version')
  if (version === '') return { model, choice: { alias: DEFAULT_ALIAS } }
  if (/^\d{1,9}$/.test(version)) return { model, choice: { version: Number(version) } }
  if (version.length <= desk.limits.keyLength) return { model, choice: { alias: version } }
  throw new Problem(404, 'ALIAS_UNKNOWN', `Model ${shown(model)} has no version ${shown(version)}.`, {
    path: 'version',
  })
}

/** A version as the registry knows it, and all versions of its model, newest first. */
export interface FoundVersion {
  readonly found: VersionAnswer
  readonly versions: readonly VersionAnswer[]
}

/**
 * Looks up the version that a path names, without loading it.
 *
 * @throws Problem 404 when there is no such model, version or alias
 */
export async function foundVersion(desk: Desk, exchange: Exchange, named: NamedModel): Promise<FoundVersion> {
  const { source } = requireModels(desk)
  const { model, choice } = named
  const versions = await source.versions(model)
  if (versions === undefined) {
    const names = (await source.models()).map(({ name }) => name)
    throw notFound(
      'model',
      model,
      names.filter((name) => exchange.principal.maySee('model', name)),
    )
  }
  exchange.about({ model })
  const served = versions.filter(({ lifecycle }) => lifecycle !== 'deleted')
  if ('version' in choice) {
    const found = served.find(({ version }) => version === choice.version)
    if (found === undefined) throw unknownVersion(model, choice.version, served)
    return { found, versions: served }
  }
  const found = served.find(({ aliases }) => aliases.includes(choice.alias))
  if (found !== undefined) return { found, versions: served }
  throw notFound(
    'alias',
    choice.alias,
    served.flatMap(({ aliases }) => aliases),
  )
}
