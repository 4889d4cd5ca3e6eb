import { authorize } from '../http/api-keys.ts'
import type { Exchange, Handler } from '../http/visit.ts'
import type { AliasHistoryAnswer, ModelAnswer, ModelsAnswer, VersionAnswer } from '../http/model-answers.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import { notFound } from '../catalog/live-catalog.ts'
import type { LiveModels } from './live-models.ts'
import type { ModelSource } from './model-source.ts'

type BrowseRoute = 'models' | 'model' | 'modelVersion' | 'aliasHistory'

const none: Handler = () => {
  throw new Problem(404, 'NO_REGISTRY', 'this server serves features only; it was started without a registry')
}

/** The handlers that browse the registry, and the one that answers for it when there is none. */
export function modelRoutes(
  source: ModelSource | undefined,
  live: LiveModels | undefined,
): { readonly routes: Readonly<Record<BrowseRoute, Handler>>; readonly none: Handler } {
  if (source === undefined || live === undefined) {
    return { none, routes: { models: none, model: none, modelVersion: none, aliasHistory: none } }
  }

  return {
    none,
    routes: {
      async models({ principal }) {
        const all = await source.models()
        const answer: ModelsAnswer = { models: all.filter(({ name }) => principal.maySee('model', name)) }
        return JSON.stringify(answer)
      },
      async model(exchange) {
        const { name, versions } = await versionsOf(exchange, source)
        const aliases = (await source.models()).find((model) => model.name === name)?.aliases ?? []
        const answer: ModelAnswer = {
          name,
          aliases,
          versions: versions.map(({ version, sha256, service, status, lifecycle, aliases: named, createdAt }) => ({
            version,
            sha256,
            service,
            status,
            lifecycle,
            aliases: named,
            createdAt,
          })),
          loaded: live.loadedOf(name),
        }
        return JSON.stringify(answer)
      },
      async modelVersion(exchange) {
        const { name, versions } = await versionsOf(exchange, source)
        const text = exchange.call.param('version')
        if (!/^[1-9]\d{0,8}$/.test(text))
          throw new Problem(
            400,
            'VERSION_INVALID',
            `version must be a whole number of at least 1, not ${shown(text)}`,
            { path: 'version' },
          )
        const found = versions.find(({ version }) => version === Number(text))
        if (found === undefined)
          throw new Problem(
            404,
            'VERSION_UNKNOWN',
            `model ${name} has no version ${text}; its newest is ${versions[0]?.version ?? 'none'}`,
            { path: 'version' },
          )
        return JSON.stringify(found)
      },
      async aliasHistory(exchange) {
        const { name } = await versionsOf(exchange, source)
        const alias = exchange.call.param('alias')
        const at = instantOf(exchange.call.query()['at']?.[0])
        const moves = await source.history(name, alias)
        if (moves.length === 0) {
          const known = (await source.models()).find((model) => model.name === name)?.aliases ?? []
          throw notFound(
            'alias',
            alias,
            known.map((entry) => entry.alias),
          )
        }
        const until = at === undefined ? moves : moves.filter((move) => Date.parse(move.at) <= at)
        const answer: AliasHistoryAnswer = { model: name, alias, version: until[0]?.to ?? null, moves: until }
        return JSON.stringify(answer)
      },
    },
  }
}

async function versionsOf(
  { call, principal }: Exchange,
  known: ModelSource,
): Promise<{ readonly name: string; readonly versions: readonly VersionAnswer[] }> {
  const name = call.param('model')
  authorize(principal, 'catalog:read', 'model', name)
  const versions = await known.versions(name)
  if (versions === undefined) {
    const visible = (await known.models())
      .map((model) => model.name)
      .filter((model) => principal.maySee('model', model))
    throw notFound('model', name, visible)
  }
  return { name, versions }
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // A plus sign that was not encoded arrives as a space.
  const instant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+ -]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text.replace(' ', '+'))
    : Number.NaN
  if (Number.isNaN(instant))
    throw new Problem(
      400,
      'INSTANT_INVALID',
      `at must be an instant such as 2026-01-31T00:00:00Z, not ${shown(text)}`,
      { path: 'at' },
    )
  return instant
}
