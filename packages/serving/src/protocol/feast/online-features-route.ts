import type { OnlineVectors } from '@martlet/feature-store'
import type { Desk } from '../../desk/desk.ts'
import { partsOf, checkValues, rowsPerStep } from '../../desk/features/read-steps.ts'
import type { Asked } from '../../desk/features/prepared-read.ts'
import { authorize } from '../../desk/principal.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { columnAnswers, type ColumnAnswer, type PartOfRows } from './column-answer.ts'
import { REFUSING } from './feast-error.ts'
import { readRequest, type OnlineFeaturesRequest } from './online-features-request.ts'
import { onlineFeaturesAnswer, onlineFeaturesBody } from './online-features-schema.ts'

export function onlineFeaturesRoute(desk: Desk): ProtocolRoute {
  const answers = columnAnswers(desk.limits)
  return {
    ...REFUSING,
    id: 'feastOnlineFeatures',
    group: 'feast',
    method: 'POST',
    path: '/get-online-features',
    summary: 'The latest features of some entities, as Feast answers',
    description: 'By column. A view or a service is named as it is here; `features` may be of several views.',
    scope: 'features:read',
    parameters: {},
    body: onlineFeaturesBody,
    answer: onlineFeaturesAnswer,
    problems: [401, 403, 404, 413, 415, 422, 503, 504],
    hot: true,
    async handle(exchange) {
      const request = readRequest(await exchange.object('exact'))
      const selected = select(request, exchange, desk)
      const { read, places } = selected instanceof Promise ? await selected : selected
      const answer = answers(read, places, request.fullNames)
      const asked = answer.columns.read(request.entities)
      checkValues(asked, read, desk.limits)
      exchange.about({ rows: asked.keys.length })
      exchange.trace?.note({ 'martlet.service': read.plan.name, 'martlet.rows': asked.keys.length })
      if (asked.keys.length <= rowsPerStep(read, desk.pace)) return atOnce(exchange, desk, answer, asked, request)
      return inSteps(exchange, desk, answer, asked, request)
    },
  }
}

type Selected = Pick<ColumnAnswer, 'read' | 'places'>

/** The service, or the read for some features. Preparing one that was not used recently waits for a turn. */
function select({ wanted }: OnlineFeaturesRequest, exchange: Exchange, desk: Desk): Selected | Promise<Selected> {
  const { principal } = exchange
  if ('service' in wanted) {
    authorize(principal, 'features:read', 'service', wanted.service)
    const read = desk.catalog.service(wanted.service, principal)
    exchange.about({ service: wanted.service })
    return { read, places: undefined }
  }
  const { found, prepare } = desk.adHoc.select(wanted.features, principal)
  // Views that are not there were refused.
  exchange.about({ views: [...new Set(wanted.features.map(({ view }) => view))] })
  return found ?? prepared(exchange, prepare)
}

async function prepared(exchange: Exchange, prepare: () => Selected): Promise<Selected> {
  const work = exchange.begin()
  try {
    await work.turn()
    exchange.check()
    return prepare()
  } finally {
    work.end()
  }
}

async function atOnce(
  exchange: Exchange,
  { buffers, now }: Desk,
  answer: ColumnAnswer,
  asked: Asked,
  { entities }: OnlineFeaturesRequest,
): Promise<Answer> {
  const at = now()
  const arriving = answer.read.read(asked, at)
  let vectors: OnlineVectors
  if (arriving instanceof Promise) {
    vectors = await arriving
    exchange.check()
  } else vectors = arriving
  const rows = asked.keys.length
  answer.count(vectors, rows, at)
  const out = buffers.shared
  out.clear()
  answer.writeHead(out, entities, rows)
  for (let column = 0; column < answer.width; column++) answer.writeColumn(out, column, [{ vectors, rows }])
  answer.writeTail(out)
  return out.lend()
}

/** Many rows are read, and many columns written, in parts, so that other requests are answered in between. */
async function inSteps(
  exchange: Exchange,
  { buffers, pace, now }: Desk,
  answer: ColumnAnswer,
  asked: Asked,
  { entities }: OnlineFeaturesRequest,
): Promise<Answer> {
  const at = now()
  const { read } = answer
  const rows = asked.keys.length
  const work = exchange.begin()
  const out = buffers.borrow()
  const nextTurn = async (): Promise<number> => {
    await work.turn()
    exchange.check()
    return performance.now()
  }
  try {
    const parts: PartOfRows[] = []
    for (const part of partsOf(asked, rowsPerStep(read, pace))) {
      await nextTurn()
      const vectors = await read.read(part, at)
      answer.count(vectors, part.keys.length, at)
      parts.push({ vectors, rows: part.keys.length })
    }
    answer.writeHead(out, entities, rows)
    for (let column = 0; column < answer.width;) {
      const begin = await nextTurn()
      const end = Math.min(answer.width, column + Math.max(1, Math.floor(pace.units / rows)))
      const written = (end - column) * rows
      for (; column < end; column++) answer.writeColumn(out, column, parts)
      pace.learn(written, performance.now() - begin)
    }
    answer.writeTail(out)
    return out.lend()
  } finally {
    work.end()
    buffers.giveBack(out)
  }
}
