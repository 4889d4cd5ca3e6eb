import { continuousReader } from '../continuous/continuous-reader.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { TailPart } from '../online/events/event-store.ts'
import type { MaybePromise, OnlineRead, OnlineStore, StoredRow } from '../online/online-store.ts'
import { isContinuous, nameIn, vectorFields, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { storedDefault } from '../vocabulary/algebra/default-value.ts'
import { defaultJson } from './online-json.ts'
import { requestKeys, type EntityKeys } from './online-keys.ts'
import { ViewLayouts, type Layout } from './online-layouts.ts'
import { ownRows, type StoredRows } from './stored-rows.ts'
import { StoredVectors, type ReadRow, type ServiceShape, type ViewRows } from './online-stored-vectors.ts'
import type { OnDemandFunctions } from '../on-demand/on-demand-functions.ts'
import { onDemandReader, whatIsStored } from './on-demand/on-demand-reader.ts'
import type { OnlineReader, OnlineVectors } from './online-vectors.ts'
import { viaReader } from './via/via-reader.ts'

export interface OnlineReaderOptions {
  readonly service: ServicePlan
  readonly store: OnlineStore
  /** On-demand features whose functions this process has. @default none: expressions need none */
  readonly functions?: OnDemandFunctions
  /** The sources whose events are pushed, for views whose windows close by the newest event. @default those of publications */
  readonly sources?: readonly IngestPlan[]
  /**
   * Finds the rows of a view that are not stored under its name; `name` is the one that it has in the service.
   * @default under its name, or its former name
   */
  readonly stored?: (view: ViewPlan, name: string) => StoredRows | undefined
}

type Found = readonly (readonly (StoredRow | undefined)[])[]
type Tails = readonly (readonly (readonly TailPart[])[])[]

/**
 * Compiles the reader of a service, which reads the store once per request and answers synchronously where the store
 * does.
 * @throws MartletError KEY_TYPE_CONFLICT when two views give one key column different types
 * @throws MartletError ON_DEMAND_FUNCTION_MISSING when `functions` lacks a function of the service, in its version
 * @throws MartletError ON_DEMAND_FUNCTION_CHANGED when a function gives other values than when it was applied
 */
export function openOnlineReader(options: OnlineReaderOptions): OnlineReader {
  const { service } = options
  if (service.onDemand === undefined) return openViews(options)
  return onDemandReader(service, openViews({ ...options, service: whatIsStored(service) }), options.functions ?? [])
}

function openViews(options: OnlineReaderOptions): OnlineReader {
  const { service } = options
  if (service.views.every(({ via }) => via === undefined)) return openStoredReader(options)
  return viaReader(service, (part, partial) => openStoredReader({ ...options, service: part }, partial))
}

function openStoredReader(
  { service, store, stored: storedAt, sources = [] }: OnlineReaderOptions,
  partial = false,
): OnlineReader {
  const keys = requestKeys(service, partial)
  const shape = serviceShape(service)
  let reads = 0
  let tailReads = 0
  const views = service.views.map((read) => {
    const { view, features } = read
    const { tables, names } = storedAt?.(view, nameIn(read)) ?? ownRows(view)
    const first = reads
    const continuous = isContinuous(view)
      ? { reader: continuousReader(view, store, sources), tail: tailReads++ }
      : undefined
    reads += continuous === undefined ? tables.length : 2
    return {
      tables: continuous === undefined ? tables : [view.name],
      first,
      continuous,
      ttl: view.ttl === null ? null : BigInt(view.ttl),
      layouts: new ViewLayouts(view, features, names),
    }
  })

  const assemble = (
    rows: number,
    entities: readonly EntityKeys[],
    found: Found,
    now: bigint,
  ): MaybePromise<OnlineVectors> => {
    const learning: Promise<void>[] = []
    const answers = views.map(({ tables, first, continuous, ttl, layouts }, index): ViewRows => {
      const stored: readonly (ReadRow | undefined)[] =
        tables.length === 1 ? (found[first] ?? []) : firstFound(found.slice(first, first + tables.length))
      const oldest = ttl === null ? null : now - ttl
      const unknown: Uint8Array[] = []
      let rows = stored
      const usable = stored.map((row, slot): Layout | undefined => {
        if (row === undefined) return undefined
        if (row.value.length === 0) {
          rows = rows.with(slot, undefined)
          return undefined
        }
        if (oldest !== null && row.time < oldest) return undefined
        const layout = layouts.of(row.value)
        if (layout === undefined) unknown.push(row.value)
        return layout
      })
      if (unknown.length > 0) learning.push(layouts.learn(store, unknown))
      const entity = entities[keys.entityOf[index] ?? 0]
      const made = continuous !== undefined
      return {
        tables,
        keys: entity?.keys ?? [],
        ttl,
        continuous: made,
        slots: entity?.slots ?? null,
        rows,
        layouts: usable,
      }
    })
    if (learning.length === 0) return new StoredVectors(shape, rows, answers)
    return Promise.all(learning).then(() => assemble(rows, entities, found, now))
  }

  /** Puts the rows of continuous views in the places of what the store has of them. */
  const closed = (found: Found, tails: Tails, now: bigint): MaybePromise<Found> => {
    const rows = [...found]
    const waiting: Promise<void>[] = []
    for (const { first, continuous } of views) {
      if (continuous === undefined) continue
      const stored = {
        bases: found[first] ?? [],
        publication: found[first + 1]?.[0],
        tails: tails[continuous.tail] ?? [],
      }
      const made = continuous.reader.rows(stored, now)
      if (made instanceof Promise) waiting.push(made.then((later) => void (rows[first] = later)))
      else rows[first] = made
    }
    return waiting.length === 0 ? rows : Promise.all(waiting).then(() => rows)
  }

  return {
    service,
    read(requested, options) {
      const now = options?.now ?? BigInt(Date.now()) * 1000n
      const entities = keys.split(requested)
      const asked = (index: number): readonly Uint8Array[] => entities[keys.entityOf[index] ?? 0]?.keys ?? []
      // Tails are read first: what has left them by then is in the bases.
      const tails = tailReads === 0 ? [] : (store.events?.tails(tailsOf(asked)) ?? [])
      const found = store.read(rowsOf(asked))
      if (tailReads === 0) return then(found, (rows) => assemble(requested.length, entities, rows, now))
      return then(both(tails, found), ([parts, rows]) =>
        then(closed(rows, parts, now), (made) => assemble(requested.length, entities, made, now)),
      )
    },
  }

  type Asked = (view: number) => readonly Uint8Array[]

  function rowsOf(asked: Asked): readonly OnlineRead[] {
    return views.flatMap(({ tables, continuous }, index) => [
      ...tables.map((table) => ({ table, keys: asked(index) })),
      ...(continuous === undefined ? [] : [continuous.reader.publication]),
    ])
  }

  function tailsOf(asked: Asked): readonly OnlineRead[] {
    return views.flatMap(({ tables: [table = ''], continuous }, index) =>
      continuous === undefined ? [] : [{ table, keys: asked(index) }],
    )
  }
}

function then<T, R>(given: MaybePromise<T>, make: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return given instanceof Promise ? given.then(make) : make(given)
}

function both<A, B>(a: MaybePromise<A>, b: MaybePromise<B>): MaybePromise<readonly [A, B]> {
  return a instanceof Promise || b instanceof Promise ? Promise.all([a, b]) : [a, b]
}

function firstFound([rows = [], ...others]: Found): Found[number] {
  return rows.map((row, slot) => row ?? others.find((other) => other[slot] !== undefined)?.[slot])
}

function serviceShape(service: ServicePlan): ServiceShape {
  let first = true
  const labels = service.views.map((read) =>
    read.features.map((feature) => {
      const label = `${first ? '' : ','}${JSON.stringify(`${nameIn(read)}__${feature}`)}:`
      first = false
      return label
    }),
  )
  const places = service.views.flatMap(({ features }, view) => features.map((_, position) => ({ view, position })))
  const fields = vectorFields(service)
  const standIns = fields.map(({ type, default: given }) => (given === undefined ? null : storedDefault(given, type)))
  let field = 0
  const missing = service.views.map(({ features }) =>
    features.map(() => {
      const at = fields[field++]
      return (at === undefined ? undefined : defaultJson(at)) ?? 'null'
    }),
  )
  return { service, fields, places, labels, standIns, missing }
}
