import { notFound } from '../../not-found.ts'
import type { Viewer } from '../../principal.ts'
import { Problem } from '../../problem.ts'
import type { AliasTarget, ModelSource } from '../model-source.ts'

/** The 404 problem for a model, or for a model without aliases. */
export async function unknownModel(
  source: Pick<ModelSource, 'models'>,
  model: string,
  caller: Viewer,
): Promise<Problem> {
  const known = (await source.models()).map(({ name }) => name)
  if (known.includes(model)) {
    const detail = `Model ${model} has no alias yet. Name a version, or promote one to champion.`
    return new Problem(404, 'ALIAS_UNKNOWN', detail, { path: 'alias' })
  }
  const visible = known.filter((name) => caller.maySee('model', name))
  return notFound('model', model, visible)
}

/** The 404 problem for an alias of a model that has others; undefined when it has none. */
export function unknownAlias(targets: Iterable<AliasTarget>, model: string, alias: string): Problem | undefined {
  const known = [...targets].flatMap((target) => (target.model === model ? [target.alias] : []))
  return known.length === 0 ? undefined : notFound('alias', alias, known)
}

export function notLoaded(model: string, version: number, hint: string): Problem {
  const detail = `Version ${version} of model ${model} could not be loaded. ${hint}`
  return new Problem(503, 'MODEL_NOT_LOADED', detail, { retryAfter: 5 })
}

export function queueFull(waiting: number): Problem {
  const detail = `${waiting} versions are waiting to be loaded. Try again shortly.`
  return new Problem(503, 'MODELS_LOADING', detail, { retryAfter: 5 })
}
