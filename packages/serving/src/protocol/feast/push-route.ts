import type { AnyIngestSource } from '@martlet/feature-store'
import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { isObject } from '../../desk/json/json-object.ts'
import { authorize } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { REFUSING } from './feast-error.ts'

const columns = z.record(z.string(), z.array(z.unknown()))
const body = z.looseObject({ push_source_name: z.string(), df: columns, to: z.string().optional() })

/** Feast's `/push`: the rows of a data frame are events of the source of that name. */
export function pushRoute(desk: Desk): ProtocolRoute {
  return {
    ...REFUSING,
    id: 'feastPush',
    group: 'feast',
    method: 'POST',
    scope: 'events:push',
    parameters: {},
    path: '/push',
    summary: 'Push rows as events of a source',
    description:
      'The push source is a source of that name, and each row is an event of it, as in `/v1/push/:source`. ' +
      'Whatever `to` says, events reach the continuous views at once and the warehouse with `martlet ingest`. ' +
      'Times without a zone are UTC, as Feast has them. Rows that are not valid are kept in the quarantine.',
    body,
    answer: z.null(),
    problems: [401, 403, 404, 413, 415, 422, 503, 504],
    handle: (exchange) => push(exchange, desk),
  }
}

async function push(exchange: Exchange, desk: Desk): Promise<string> {
  const { push_source_name: name, df } = await exchange.object('exact')
  const path = 'push_source_name'
  if (typeof name !== 'string')
    throw new Problem(400, 'FIELD_INVALID', `${path} must be a string, not ${shown(name)}.`, { path })
  authorize(exchange.principal, 'events:push', 'source', name)
  const source = desk.push.sources.get(name)
  if (source === undefined) throw unknownSource(name, exchange, desk)
  await desk.push.push(exchange, name, rowsOf(df, source, desk))
  return 'null'
}

function unknownSource(name: string, { principal }: Exchange, { catalog }: Desk): Problem {
  const isView = catalog.viewsFor(principal.within('features:read')).some((view) => view.name === name)
  const hint = isView ? ` ${materialized(name)}` : ''
  return new Problem(422, 'PUSH_SOURCE_UNKNOWN', `Unable to find push source ${shown(name)}.${hint}`, {
    path: 'push_source_name',
  })
}

export function materialized(view: string): string {
  return `View ${view} is materialized from the warehouse: martlet materialize ${view} brings its rows, and no request does.`
}

/** Each row repeats the names of the columns: all of them together may be so many times as long as a body. */
const MOST_NAMES = 32

/** The rows of a data frame that came by column, each as the bytes of an event. */
function rowsOf(df: unknown, { plan }: AnyIngestSource, { limits, push: desk }: Desk): readonly Buffer[] {
  const wrong = (detail: string): Problem => new Problem(400, 'FIELD_INVALID', detail, { path: 'df' })
  if (!isObject(df)) throw wrong(`df must be an object of columns, not ${shown(df)}.`)
  const entries = Object.entries(df)
  const lengths = entries.map(([name, values]) => {
    if (Array.isArray(values)) return values.length
    throw wrong(`df.${name} must be an array of values, not ${shown(values)}.`)
  })
  const rows = lengths[0] ?? 0
  if (lengths.some((length) => length !== rows)) throw wrong('The columns of df have different lengths.')
  desk.checkCount(rows)
  const names = rows * entries.reduce((sum, [name]) => sum + name.length, 0)
  if (names > MOST_NAMES * limits.bodyBytes)
    throw new Problem(
      413,
      'BODY_TOO_LARGE',
      `The names of df, once in each row, have ${names} characters; the limit is ${MOST_NAMES * limits.bodyBytes}. Push fewer rows.`,
    )
  const times = new Set(plan.into.columns.filter(({ type }) => type === 'timestamp').map(({ name }) => name))
  return Array.from({ length: rows }, (_, row) => {
    const event = entries.map(([name, values]) => {
      const value: unknown = Array.isArray(values) ? values[row] : null
      return [name, times.has(name) ? inUtc(value) : value] as const
    })
    return Buffer.from(JSON.stringify(Object.fromEntries(event), digits))
  })
}

/** As pandas prints a time without a zone. */
const NAIVE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/

function inUtc(value: unknown): unknown {
  return typeof value === 'string' && NAIVE.test(value) ? `${value.replace(' ', 'T')}Z` : value
}

/** Long numbers stay numbers of the same digits, whatever column they are for. */
function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? exactly.rawJSON(value.toString()) : value
}

/** The library of TypeScript does not have it yet. */
const exactly = JSON as JSON & { rawJSON(text: string): object }
