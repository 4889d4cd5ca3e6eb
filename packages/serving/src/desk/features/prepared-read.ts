import {
  serviceKeys,
  serviceRequest,
  vectorFields,
  type MaybePromise,
  type OnlineReader,
  type OnlineVectors,
  type RequestRow,
  type ServicePlan,
  type StoredRows,
  type VectorField,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { Problem } from '../problem.ts'
import type { EntityKey, KeyReader } from './key-reader.ts'
import type { RequestReader } from './request-reader.ts'
import type { KeptAnswers } from './kept/kept-answers.ts'
import { vectorWriter, type VectorWriter } from './vector-writer.ts'

/** Where the rows of a view are, if not under its own name; `name` is the one that it has in the service. */
export type StoredAt = (view: ViewPlan, name: string) => StoredRows | undefined

export type OpenReader = (service: ServicePlan, stored?: StoredAt) => OnlineReader

/** How what a request says of a service is read: that of the whole service, also for a part of it. */
export interface Readers {
  readonly keys: KeyReader
  /** Undefined when nothing is computed on demand. */
  readonly request: RequestReader | undefined
}

/** What a request asks for: checked keys, and what it brings for each of them. */
export interface Asked {
  readonly keys: readonly EntityKey[]
  readonly request: readonly RequestRow[] | undefined
}

/** A service, or some of its features, prepared: everything that does not depend on a request is decided here. */
export interface PreparedRead extends Readers {
  readonly plan: ServicePlan
  /** `{"service":"next_day"`, as answers begin. */
  readonly label: Uint8Array
  readonly fields: readonly VectorField[]
  /** Why it cannot be read by this process; undefined when it can. */
  readonly unavailable: string | undefined
  /**
   * Reads what was asked for. Keys of the whole service also serve a part of it.
   *
   * @throws Problem 503 when the process lacks a function that the features are computed by
   */
  read(asked: Asked, now: bigint): MaybePromise<OnlineVectors>
  readonly writer: VectorWriter
}

export interface ReadOptions {
  readonly stored?: StoredAt
  /** Where finished rows are kept. @default nowhere */
  readonly kept?: KeptAnswers | undefined
}

/** Prepares a read. The keys are those of the whole service, so that choosing features never changes which keys are needed. */
export function prepareRead(
  plan: ServicePlan,
  open: OpenReader,
  readers: Readers,
  { stored, kept }: ReadOptions = {},
): PreparedRead {
  const reader = opened(plan, open, stored)
  const keyed = narrowing(serviceKeys(plan), readers.keys.columns)
  const requested = narrowing(serviceRequest(plan), readers.request?.columns ?? [])
  return {
    ...readers,
    plan,
    label: Buffer.from(`{"service":${JSON.stringify(plan.name)}`),
    fields: vectorFields(plan),
    unavailable: reader instanceof Problem ? reader.message : undefined,
    read({ keys, request }, now) {
      if (reader instanceof Problem) throw reader
      if (request === undefined || plan.onDemand === undefined) return reader.read(keyed(keys), { now })
      return reader.read(keyed(keys), { now, request: requested(request) })
    },
    writer: vectorWriter(plan, kept),
  }
}

/**
 * The reader, or why there is none: this process does not have a function as the definitions say. One service that cannot
 * be read must not keep the others from being served.
 */
function opened(plan: ServicePlan, open: OpenReader, stored: StoredAt | undefined): OnlineReader | Problem {
  try {
    return open(plan, stored)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    if (error.code !== 'ON_DEMAND_FUNCTION_MISSING' && error.code !== 'ON_DEMAND_FUNCTION_CHANGED') throw error
    return new Problem(503, error.code, error.message, { retryAfter: 30 })
  }
}

/**
 * What a body asks for.
 *
 * @throws Problem when its keys or its request are not those of the service
 */
export function askedOf(read: PreparedRead, body: Readonly<Record<string, unknown>>): Asked {
  const keys = read.keys.many(body['keys'])
  return { keys, request: requestOf(read, body['request'], keys.length) }
}

function requestOf({ plan, request }: PreparedRead, given: unknown, keys: number): readonly RequestRow[] | undefined {
  // Features that are not computed need nothing of the request.
  if (request === undefined || (given === undefined && plan.onDemand === undefined)) return undefined
  return request.many(given, keys)
}

/** Cuts rows to the columns that are needed, where others are given, too. */
function narrowing(
  needed: readonly { readonly name: string }[],
  given: readonly string[],
): <T>(rows: readonly Readonly<Record<string, T>>[]) => readonly Readonly<Record<string, T>>[] {
  const names = needed.map(({ name }) => name)
  if (names.length >= given.length) return (rows) => rows
  return (rows) => rows.map((row) => pick(row, names))
}

function pick<T>(row: Readonly<Record<string, T>>, names: readonly string[]): Readonly<Record<string, T>> {
  const picked: Record<string, T> = {}
  for (const name of names) {
    const value = row[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
