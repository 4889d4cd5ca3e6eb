import type { OnlineVectors } from '@martlet/feature-store'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { authorize } from '../http/api-keys.ts'
import { parseObject } from '../http/json-body.ts'
import type { Answer, Exchange, Handler } from '../http/gate.ts'
import type { Limits } from '../http/limits.ts'
import { Problem } from '../http/problem.ts'
import { nearest } from '../http/suggest.ts'
import type { EntityKey } from './entity-keys.ts'
import type { JsonBytes } from './json-bytes.ts'
import type { PreparedRead, ServedService } from './served-service.ts'

interface Parts {
  readonly catalog: LiveCatalog
  readonly limits: Limits
  /** Where answers are built. */
  readonly out: JsonBytes
  readonly now: () => bigint
}

/** `POST /v1/features/:service` */
export function readFeatures({ catalog, limits, out, now }: Parts): Handler {
  return async (exchange) => {
    const service = serviceOf(exchange, catalog)
    const body = parseObject(await exchange.call.body(limits), limits)
    exchange.checkDeadline()
    refuseUnknown(body, bodyFields)
    const read = body['features'] === undefined ? service : service.subset(body['features'])
    return answer(exchange, out, read, read.keys.many(body['keys']), now())
  }
}

/** `GET /v1/features/:service?customer_id=…` */
export function readOneFeatures({ catalog, out, now }: Parts): Handler {
  return (exchange) => {
    const service = serviceOf(exchange, catalog)
    const { features, ...query } = exchange.call.query()
    refuseUnknown(query, service.keys.columns)
    const read = features === undefined ? service : service.subset(features.flatMap((list) => list.split(',')))
    return answer(exchange, out, read, [read.keys.fromQuery(query)], now())
  }
}

const bodyFields = ['keys', 'features']

function serviceOf({ call, principal }: Exchange, catalog: LiveCatalog): ServedService {
  const name = call.param('service')
  authorize(principal, 'features:read', 'service', name)
  return catalog.service(name, (candidate) => principal.maySee('service', candidate))
}

function answer(exchange: Exchange, out: JsonBytes, read: PreparedRead, keys: readonly EntityKey[], now: bigint): Answer | Promise<Answer> {
  const vectors = read.read(keys, now)
  if (!(vectors instanceof Promise)) return rows(out, read, keys, vectors, now)
  return vectors.then((arrived) => {
    exchange.checkDeadline()
    return rows(out, read, keys, arrived, now)
  })
}

const nextRow = Buffer.from(',{"keys":')
const comma = Buffer.from(',')
const endOfRow = Buffer.from('}')

function rows(out: JsonBytes, read: PreparedRead, keys: readonly EntityKey[], vectors: OnlineVectors, now: bigint): string {
  out.clear()
  out.json(`{"service":${JSON.stringify(read.plan.name)},"rows":[`)
  for (const [row, key] of keys.entries()) {
    out.raw(row === 0 ? nextRow.subarray(1) : nextRow)
    read.keys.write(out, key)
    out.raw(comma)
    read.writer.row(out, vectors, row, now)
    out.raw(endOfRow)
  }
  out.json(']}')
  return out.take()
}

/** A misspelt field is a mistake of the caller, not something to pass over. */
export function refuseUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name in given) {
    if (known.includes(name)) continue
    const path = name.slice(0, 60)
    const suggestion = nearest(name, known)
    throw new Problem(400, 'FIELD_UNKNOWN', `${JSON.stringify(path)} is not known here; there are ${known.join(', ')}`, { path, ...(suggestion === undefined ? {} : { suggestion }) })
  }
}
