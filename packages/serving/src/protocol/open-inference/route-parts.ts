import { z } from 'zod'
import type { ProtocolRoute, RouteParameter } from '../protocol.ts'
import { errorAnswer, refuse } from './errors.ts'

/** What all routes of the protocol have in common. Their clients send any content type, or none. */
export const COMMON: Pick<ProtocolRoute, 'group' | 'refusal' | 'refuse' | 'anyContentType'> = {
  group: 'open inference',
  refusal: errorAnswer,
  refuse,
  anyContentType: true,
}

export const MODEL: RouteParameter = {
  in: 'path',
  description: 'A registered model',
  schema: z.string(),
  required: true,
}
const VERSION: RouteParameter = {
  in: 'path',
  description: 'A version number, or an alias',
  schema: z.string(),
  required: true,
}

/** A route without and with a version in its path, which may also be an alias. */
export function versioned(route: ProtocolRoute): readonly ProtocolRoute[] {
  const path = route.path.replace('/:model', '/:model/versions/:version')
  const summary = `${route.summary}, of one version or alias`
  return [
    route,
    { ...route, id: `${route.id}Version`, path, summary, parameters: { ...route.parameters, version: VERSION } },
  ]
}
