import type { Desk } from '../../desk/desk.ts'
import type { ModelSummary, VersionAnswer } from '../../desk/model/registered-model.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { unknownVersion } from '../../desk/model/unknown-version.ts'
import { notFound } from '../../desk/not-found.ts'
import { authorize, type Scope } from '../../desk/principal.ts'
import type { Exchange } from '../../http/exchange.ts'

/** The models that the caller may see. */
export async function visibleModels({ principal }: Exchange, desk: Desk): Promise<readonly ModelSummary[]> {
  const models = await requireModels(desk).source.models()
  return models.filter(({ name }) => principal.maySee('model', name))
}

/** The versions of a model that are not deleted, newest first. */
export async function versionsOf(desk: Desk, name: string): Promise<readonly VersionAnswer[]> {
  const versions = (await requireModels(desk).source.versions(name)) ?? []
  return versions.filter(({ lifecycle }) => lifecycle !== 'deleted')
}

/**
 * A model by name.
 *
 * @throws Problem 403 when the caller may not use it, 404 when there is none
 */
export async function foundModel(exchange: Exchange, desk: Desk, name: string, scope: Scope): Promise<ModelSummary> {
  authorize(exchange.principal, scope, 'model', name)
  const models = await visibleModels(exchange, desk)
  const found = models.find((model) => model.name === name)
  if (found !== undefined) {
    exchange.about({ model: found.name })
    return found
  }
  throw notFound(
    'model',
    name,
    models.map((model) => model.name),
  )
}

/**
 * A version of a model by number.
 *
 * @throws Problem 403 when the caller may not use the model, 404 when there is no such model or version
 */
export async function foundVersion(
  exchange: Exchange,
  desk: Desk,
  { name, version, scope }: { readonly name: string; readonly version: number; readonly scope: Scope },
): Promise<VersionAnswer> {
  await foundModel(exchange, desk, name, scope)
  const versions = await versionsOf(desk, name)
  const found = versions.find((one) => one.version === version)
  if (found === undefined) throw unknownVersion(name, version, versions)
  exchange.about({ version: found.version })
  return found
}
