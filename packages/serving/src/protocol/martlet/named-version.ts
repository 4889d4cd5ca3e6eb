import type { ModelSource } from '../../desk/model/model-source.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { unknownVersion } from '../../desk/model/unknown-version.ts'
import { notFound } from '../../desk/not-found.ts'
import { authorize, type Scope } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'

interface Versions {
  readonly name: string
  readonly versions: readonly VersionAnswer[]
}

/**
 * The versions of the model in the path.
 *
 * @throws Problem 403 when the caller may not see the model with this scope, 404 when there is none
 */
export async function versionsOf(exchange: Exchange, source: ModelSource, scope: Scope): Promise<Versions> {
  const { call, principal } = exchange
  const name = call.param('model')
  authorize(principal, scope, 'model', name)
  const versions = await source.versions(name)
  if (versions !== undefined) {
    exchange.about({ model: name })
    return { name, versions }
  }
  const names = (await source.models()).map((model) => model.name)
  const visible = names.filter((model) => principal.maySee('model', model))
  throw notFound('model', name, visible)
}

/**
 * The version in the path.
 *
 * @throws Problem as `versionsOf` does; 400 when it is no number, 404 when the model does not have it
 */
export async function versionOf(exchange: Exchange, source: ModelSource, scope: Scope): Promise<VersionAnswer> {
  const { name, versions } = await versionsOf(exchange, source, scope)
  const text = exchange.call.param('version')
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    const detail = `version must be a whole number of at least 1, not ${shown(text)}.`
    throw new Problem(400, 'VERSION_INVALID', detail, { path: 'version' })
  }
  const found = versions.find(({ version }) => version === Number(text))
  if (found === undefined) throw unknownVersion(name, Number(text), versions)
  exchange.about({ version: found.version })
  return found
}
