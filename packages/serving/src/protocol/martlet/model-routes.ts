import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { RolloutDesk } from '../../desk/model/rollout/rollout-desk.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { notFound } from '../../desk/not-found.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import {
  aliasHistoryAnswer,
  modelAnswer,
  modelsAnswer,
  versionAnswer,
  type AliasHistoryAnswer,
  type ModelAnswer,
  type ModelsAnswer,
  type RolloutAnswer,
} from './model-answers.ts'
import { versionOf, versionsOf } from './named-version.ts'
import { GUARDED, inPath, inQuery } from '../route-parts.ts'

/** The routes that show the registry. */
export function modelRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { group: 'models', method: 'GET', scope: 'catalog:read' } as const
  const model = inPath('A registered model')
  return [
    {
      ...common,
      id: 'models',
      path: '/v1/models',
      summary: 'All registered models and their aliases',
      parameters: {},
      answer: modelsAnswer,
      problems: GUARDED,
      handle: async (exchange) => JSON.stringify(await modelsOf(exchange, desk)),
    },
    {
      ...common,
      id: 'model',
      path: '/v1/models/:model',
      summary: 'One model: versions, aliases and what is loaded',
      parameters: { model },
      answer: modelAnswer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => JSON.stringify(await modelOf(exchange, desk)),
    },
    {
      ...common,
      id: 'modelVersion',
      path: '/v1/models/:model/versions/:version',
      summary: 'One version of a model: signature, metrics, artifact',
      parameters: { model, version: inPath('A version number', z.int().positive()) },
      answer: versionAnswer,
      problems: [400, ...GUARDED, 404],
      handle: async (exchange) => JSON.stringify(await versionOf(exchange, requireModels(desk).source, 'catalog:read')),
    },
    {
      ...common,
      id: 'aliasHistory',
      path: '/v1/models/:model/aliases/:alias/history',
      summary: 'Every move of an alias; with `at`, what it named then',
      parameters: {
        model,
        alias: inPath('An alias such as champion'),
        at: inQuery('An instant in ISO 8601', z.iso.datetime({ offset: true })),
      },
      answer: aliasHistoryAnswer,
      problems: [400, ...GUARDED, 404],
      handle: async (exchange) => JSON.stringify(await historyOf(exchange, desk)),
    },
  ]
}

async function modelsOf({ principal }: Exchange, desk: Desk): Promise<ModelsAnswer> {
  const all = await requireModels(desk).source.models()
  return { models: all.filter(({ name }) => principal.maySee('model', name)) }
}

async function modelOf(exchange: Exchange, desk: Desk): Promise<ModelAnswer> {
  const { source, live, rollouts } = requireModels(desk)
  const { name, versions } = await versionsOf(exchange, source, 'catalog:read')
  return {
    name,
    aliases: (await source.models()).find((model) => model.name === name)?.aliases ?? [],
    versions: versions.map(({ version, sha256, service, status, lifecycle, aliases, createdAt }) => ({
      version,
      sha256,
      service,
      status,
      lifecycle,
      aliases,
      createdAt,
    })),
    loaded: live.loadedOf(name),
    rollout: rolloutOf(name, rollouts),
  }
}

function rolloutOf(model: string, { running, obstacle }: RolloutDesk): RolloutAnswer | null {
  const rollout = running.of(model)
  if (rollout === undefined) return null
  const { stable, candidate, steps, guards, step, stepSince, startedAt, actor, approver, reason } = rollout
  return {
    rollout: rollout.rollout,
    stable,
    candidate,
    steps,
    guards,
    step,
    stepSince: stepSince.toISOString(),
    startedAt: startedAt.toISOString(),
    actor,
    approver,
    reason,
    obstacle: obstacle(rollout) ?? null,
  }
}

async function historyOf(exchange: Exchange, desk: Desk): Promise<AliasHistoryAnswer> {
  const { source } = requireModels(desk)
  const { name } = await versionsOf(exchange, source, 'catalog:read')
  const alias = exchange.call.param('alias')
  const at = instantOf(exchange.call.query()['at']?.[0])
  const moves = await source.history(name, alias)
  if (moves.length === 0) {
    const known = (await source.models()).find((model) => model.name === name)?.aliases ?? []
    const names = known.map((entry) => entry.alias)
    throw notFound('alias', alias, names)
  }
  const until = at === undefined ? moves : moves.filter((move) => Date.parse(move.at) <= at)
  return { model: name, alias, version: until[0]?.to ?? null, moves: until }
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // A plus sign that was not encoded arrives as a space.
  const instant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+ -]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text.replace(' ', '+'))
    : Number.NaN
  if (!Number.isNaN(instant)) return instant
  const detail = `at must be an instant such as 2026-01-31T00:00:00Z, not ${shown(text)}.`
  throw new Problem(400, 'INSTANT_INVALID', detail, { path: 'at' })
}
