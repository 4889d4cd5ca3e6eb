import type { OnlineVectors } from '@martlet/feature-store'
import type { Desk } from '../../desk/desk.ts'
import { askedOf, type Asked, type PreparedRead } from '../../desk/features/prepared-read.ts'
import { checkValues, rowsPerStep } from '../../desk/features/read-steps.ts'
import type { ServedService } from '../../desk/features/served-service.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'
import { authorize } from '../../desk/principal.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { featuresAnswer, featuresBody } from './feature-answers.ts'
import {
  writeHead,
  writeOneKept,
  writeRead,
  writeRows,
  writeTail,
  type Reading,
  type Waiting,
} from './feature-writer.ts'
import { GUARDED, inPath, inQuery } from '../route-parts.ts'
import { refuseUnknown } from '../unknown-fields.ts'

export function featureRoutes(desk: Desk): readonly ProtocolRoute[] {
  return [
    {
      id: 'readFeatures',
      group: 'features',
      method: 'POST',
      path: '/v1/features/:service',
      summary: 'The latest features of some entities',
      description: 'One row per key, in order. A feature is present unless it is listed in `missing` with the reason.',
      scope: 'features:read',
      parameters: { service: inPath('A feature service') },
      body: featuresBody,
      answer: featuresAnswer,
      problems: [400, ...GUARDED, 404, 413, 415],
      hot: true,
      handle: (exchange) => readMany(exchange, desk),
    },
    {
      id: 'readOneFeatures',
      group: 'features',
      method: 'GET',
      path: '/v1/features/:service',
      summary: 'The latest features of one entity',
      description: 'Key columns are query parameters: `?customer_id=a`.',
      scope: 'features:read',
      parameters: {
        service: inPath('A feature service'),
        features: inQuery('Some `view__feature` names, separated by commas'),
      },
      answer: featuresAnswer,
      problems: [400, ...GUARDED, 404, 413],
      handle: (exchange) => readOne(exchange, desk),
    },
  ]
}

const BODY_FIELDS = ['keys', 'features', 'request']

function readMany(exchange: Exchange, desk: Desk): Answer | Promise<Answer> {
  const service = serviceOf(exchange, desk)
  return readOneKept(exchange, desk, service) ?? readParsed(exchange, desk, service)
}

/** The answer to the most frequent kind of request, at once; undefined for every other. */
function readOneKept(exchange: Exchange, desk: Desk, service: ServedService): Answer | undefined {
  if (service.fields.length > desk.limits.valuesPerRequest) return undefined
  const body = exchange.arrived()
  if (body === undefined) return undefined
  const out = desk.buffers.shared
  out.clear()
  if (!writeOneKept(out, body, service, desk.now)) return undefined
  exchange.about({ rows: 1 })
  exchange.trace?.note({ 'martlet.service': service.plan.name, 'martlet.rows': 1 })
  return out.lend()
}

async function readParsed(exchange: Exchange, desk: Desk, service: ServedService): Promise<Answer> {
  const body = await exchange.object()
  refuseUnknown(body, BODY_FIELDS)
  const read = body['features'] === undefined ? service : await selected(exchange, service, body['features'])
  const asked = askedOf(read, body)
  checkValues(asked, read, desk.limits)
  exchange.about({ rows: asked.keys.length })
  if (asked.keys.length <= rowsPerStep(read, desk.pace)) return readAtOnce(exchange, desk, read, asked)
  return readInSteps(exchange, desk, read, asked)
}

function readOne(exchange: Exchange, desk: Desk): Answer | Promise<Answer> {
  const service = serviceOf(exchange, desk)
  const { features, ...query } = exchange.call.query()
  refuseUnknown(query, [...service.keys.columns, ...(service.request?.columns ?? [])])
  const keys = [service.keys.fromQuery(query)]
  const respond = (read: PreparedRead): Answer | Promise<Answer> => {
    const request = read.plan.onDemand === undefined ? undefined : read.request?.fromQuery(query)
    const asked = { keys, request: request === undefined ? undefined : [request] }
    checkValues(asked, read, desk.limits)
    exchange.about({ rows: 1 })
    return readAtOnce(exchange, desk, read, asked)
  }
  if (features === undefined) return respond(service)
  const names = features.flatMap((list) => list.split(','))
  return selected(exchange, service, names).then(respond)
}

function serviceOf(exchange: Exchange, { catalog }: Desk): ServedService {
  const { call, principal } = exchange
  const name = call.param('service')
  authorize(principal, 'features:read', 'service', name)
  const service = catalog.service(name, principal)
  exchange.about({ service: name })
  return service
}

/** The read for some features. Preparing one that was not used recently waits for a turn. */
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

/** Answers without a promise when the store does. */
function readAtOnce(
  exchange: Exchange,
  { buffers: { shared: out }, now }: Desk,
  read: PreparedRead,
  asked: Asked,
): Answer | Promise<Answer> {
  const reading = { read, asked, now: now() }
  exchange.trace?.note({ 'martlet.service': read.plan.name, 'martlet.rows': asked.keys.length })
  out.clear()
  writeHead(out, read)
  const waiting = writeRows(out, reading, 0, asked.keys.length)
  if (waiting !== undefined) return readLater(exchange, out, reading, waiting)
  writeTail(out)
  return out.lend()
}

/** While the store is waited for, others write into the same buffer. */
async function readLater(exchange: Exchange, out: JsonBytes, reading: Reading, first: Waiting): Promise<Answer> {
  const to = reading.asked.keys.length
  for (let waiting: Waiting | undefined = first; waiting !== undefined;) {
    const before = out.take()
    const vectors: OnlineVectors = await waiting.vectors
    exchange.check()
    out.clear()
    out.copy(before, 0, before.length)
    writeRead(out, reading, { ...waiting, vectors }, false)
    waiting = waiting.to < to ? writeRows(out, reading, waiting.to, to) : undefined
  }
  writeTail(out)
  return out.lend()
}

/** Many rows are read and written in parts, so that other requests are answered in between. */
async function readInSteps(
  exchange: Exchange,
  { buffers, pace, now }: Desk,
  read: PreparedRead,
  asked: Asked,
): Promise<Answer> {
  const reading = { read, asked, now: now() }
  const rows = asked.keys.length
  exchange.trace?.note({ 'martlet.service': read.plan.name, 'martlet.rows': rows })
  const work = exchange.begin()
  const out = buffers.borrow()
  try {
    writeHead(out, read)
    for (let from = 0; from < rows;) {
      const to = Math.min(rows, from + rowsPerStep(read, pace))
      await work.turn()
      exchange.check()
      let begin = performance.now()
      for (let waiting = writeRows(out, reading, from, to); waiting !== undefined;) {
        const vectors = await waiting.vectors
        // The thread is free while a store is read.
        begin = performance.now()
        writeRead(out, reading, { ...waiting, vectors }, false)
        waiting = waiting.to < to ? writeRows(out, reading, waiting.to, to) : undefined
      }
      pace.learn((to - from) * read.fields.length, performance.now() - begin)
      from = to
    }
    writeTail(out)
    return out.lend()
  } finally {
    work.end()
    buffers.giveBack(out)
  }
}
