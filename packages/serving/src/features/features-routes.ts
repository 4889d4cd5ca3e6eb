import type { OnlineVectors } from '@martlet/feature-store'
import { nearestName } from '@martlet/warehouse'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { authorize } from '../http/api-keys.ts'
import type { Limits } from '../http/limits.ts'
import type { Pace } from '../http/pace.ts'
import { Problem } from '../http/problem.ts'
import type { Answer, Exchange, Handler } from '../http/visit.ts'
import type { EntityKey } from './entity-keys.ts'
import type { JsonBuffers, JsonBytes } from './json-bytes.ts'
import { checkValues, rowsPerStep } from './read-steps.ts'
import type { PreparedRead, ServedService } from './served-service.ts'

interface Parts {
  readonly catalog: LiveCatalog
  readonly limits: Limits
  /** Where answers are built. */
  readonly buffers: JsonBuffers
  readonly pace: Pace
  readonly now: () => bigint
}

/** `POST /v1/features/:service` */
export function readFeatures({ catalog, limits, buffers, pace, now }: Parts): Handler {
  return async (exchange) => {
    const service = serviceOf(exchange, catalog)
    const body = await exchange.object()
    refuseUnknown(body, bodyFields)
    const read = body['features'] === undefined ? service : await selected(exchange, service, body['features'])
    const keys = read.keys.many(body['keys'])
    checkValues(keys, read, limits)
    if (keys.length <= rowsPerStep(read, pace)) return answer(exchange, buffers.shared, read, keys, now())
    return stepwise(exchange, { buffers, pace, read, keys, now: now() })
  }
}

/** `GET /v1/features/:service?customer_id=…` */
export function readOneFeatures({ catalog, limits, buffers, now }: Parts): Handler {
  return (exchange) => {
    const service = serviceOf(exchange, catalog)
    const { features, ...query } = exchange.call.query()
    refuseUnknown(query, service.keys.columns)
    const keys = [service.keys.fromQuery(query)]
    const respond = (read: PreparedRead): Answer | Promise<Answer> => {
      checkValues(keys, read, limits)
      return answer(exchange, buffers.shared, read, keys, now())
    }
    if (features === undefined) return respond(service)
    return selected(
      exchange,
      service,
      features.flatMap((list) => list.split(',')),
    ).then(respond)
  }
}

const bodyFields = ['keys', 'features']

/** The read of some features; preparing one that was not asked for lately waits for its turn. */
async function selected(exchange: Exchange, service: ServedService, features: unknown): Promise<PreparedRead> {
  const { read, prepare } = service.select(features)
  if (read !== undefined) return read
  const work = exchange.begin()
  try {
    await work.turn()
    exchange.check()
    return prepare()
  } finally {
    work.end()
  }
}

function serviceOf({ call, principal }: Exchange, catalog: LiveCatalog): ServedService {
  const name = call.param('service')
  authorize(principal, 'features:read', 'service', name)
  return catalog.service(name, principal)
}

function answer(
  exchange: Exchange,
  out: JsonBytes,
  read: PreparedRead,
  keys: readonly EntityKey[],
  now: bigint,
): Answer | Promise<Answer> {
  const vectors = read.read(keys, now)
  if (!(vectors instanceof Promise)) return whole(out, read, keys, vectors, now)
  return vectors.then((arrived) => {
    exchange.check()
    return whole(out, read, keys, arrived, now)
  })
}

function whole(
  out: JsonBytes,
  read: PreparedRead,
  keys: readonly EntityKey[],
  vectors: OnlineVectors,
  now: bigint,
): string {
  out.clear()
  writeHead(out, read)
  writeRows(out, read, keys, vectors, now, true)
  out.json(']}')
  return out.take()
}

interface LongRead extends Pick<Parts, 'buffers' | 'pace'> {
  readonly read: PreparedRead
  readonly keys: readonly EntityKey[]
  readonly now: bigint
}

/** Many rows: a part of them at a time, so that others are answered in between. */
async function stepwise(exchange: Exchange, { buffers, pace, read, keys, now }: LongRead): Promise<string> {
  const work = exchange.begin()
  const out = buffers.borrow()
  try {
    writeHead(out, read)
    for (let from = 0; from < keys.length;) {
      const part = keys.slice(from, from + rowsPerStep(read, pace))
      await work.turn()
      exchange.check()
      let begin = performance.now()
      const arriving = read.read(part, now)
      const vectors = arriving instanceof Promise ? await arriving : arriving
      // Waiting for a store keeps nobody from the thread.
      if (arriving instanceof Promise) begin = performance.now()
      writeRows(out, read, part, vectors, now, from === 0)
      pace.learn(part.length * read.fields.length, performance.now() - begin)
      from += part.length
    }
    out.json(']}')
    return out.take()
  } finally {
    work.end()
    buffers.giveBack(out)
  }
}

const nextRow = Buffer.from(',{"keys":')
const comma = Buffer.from(',')
const endOfRow = Buffer.from('}')

function writeHead(out: JsonBytes, read: PreparedRead): void {
  out.json(`{"service":${JSON.stringify(read.plan.name)},"rows":[`)
}

function writeRows(
  out: JsonBytes,
  read: PreparedRead,
  keys: readonly EntityKey[],
  vectors: OnlineVectors,
  now: bigint,
  first: boolean,
): void {
  for (const [row, key] of keys.entries()) {
    out.raw(first && row === 0 ? nextRow.subarray(1) : nextRow)
    read.keys.write(out, key)
    out.raw(comma)
    read.writer.row(out, vectors, row, now)
    out.raw(endOfRow)
  }
}

/** A misspelt field is a mistake of the caller, not something to pass over. */
export function refuseUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name in given) {
    if (known.includes(name)) continue
    const path = name.slice(0, 60)
    const suggestion = nearestName(name, known)
    throw new Problem(
      400,
      'FIELD_UNKNOWN',
      `${JSON.stringify(path)} is not known here; there are ${known.join(', ')}`,
      {
        path,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    )
  }
}
