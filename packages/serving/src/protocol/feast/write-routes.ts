import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { REFUSING } from './feast-error.ts'
import { materialized, pushRoute } from './push-route.ts'

const columns = z.record(z.string(), z.array(z.unknown()))
const writeBody = z.looseObject({ feature_view_name: z.string(), df: columns })

/**
 * Feast's two ways to write: rows are pushed to a source. Views are computed from it and take no rows from requests, so the other
 * way refuses: whoever calls it learns which view it is and what brings its rows, instead of a 404.
 */
export function writeRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = {
    ...REFUSING,
    group: 'feast',
    method: 'POST',
    scope: 'features:read',
    parameters: {},
    problems: [401, 403, 404, 413, 415, 422, 503, 504],
  } as const
  return [
    pushRoute(desk),
    {
      ...common,
      id: 'feastWrite',
      path: '/write-to-online-store',
      summary: 'Refused: views are materialized from the warehouse',
      description: 'A view that the caller may read is named in the refusal; any other is not found.',
      body: writeBody,
      answer: 'text/plain',
      handle: (exchange) => refuseWrite(exchange, desk),
    },
  ]
}

async function refuseWrite(exchange: Exchange, desk: Desk): Promise<never> {
  const path = 'feature_view_name'
  const { name } = desk.catalog.view(nameOf(await exchange.object(), path), exchange.principal)
  throw new Problem(422, 'VIEW_NOT_WRITABLE', materialized(name), { path })
}

function nameOf(body: Readonly<Record<string, unknown>>, field: string): string {
  const name = body[field]
  if (typeof name === 'string') return name
  throw new Problem(400, 'FIELD_INVALID', `${field} must be a string, not ${shown(name)}.`, { path: field })
}
