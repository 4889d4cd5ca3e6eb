import type { KeyValue } from '../../online/key-value.ts'
import { nameIn, vectorFields, type ServicePlan, type ServiceView, type ViewRead } from '../../plan/view-plan.ts'
import type { OnlineReader, OnlineVectors } from '../online-vectors.ts'
import { ViaVectors, type Lookup, type ViaShape } from './via-vectors.ts'

/** Opens the reader of a part of a service; `partial`: where rows may lack the key of a view. */
type Open = (part: ServicePlan, partial: boolean) => OnlineReader

/**
 * A reader of a service whose views are in part looked up: one read of what is asked for and of the views that look up,
 * then one of all that was looked up.
 */
export function viaReader(service: ServicePlan, open: Open): OnlineReader {
  const { first, second, lookups, shape } = planReads(service)
  const [asked, found] = [open(first, false), open(second, true)]
  const keysOf = (vectors: OnlineVectors, row: number): Readonly<Record<string, KeyValue>> =>
    Object.fromEntries(
      lookups.flatMap(({ fields, columns }) => {
        const values = fields.map((field) => vectors.value(row, field))
        return columns.flatMap((column, i): [string, KeyValue][] => {
          const value = values[i]
          return value === undefined || value === null ? [] : [[column, value]]
        })
      }),
    )
  return {
    service,
    read(keys, options = {}) {
      // Both reads judge the age of rows by the same instant.
      const now = options.now ?? BigInt(Date.now()) * 1000n
      const joined = (one: OnlineVectors, other: OnlineVectors): OnlineVectors => new ViaVectors(shape, one, other)
      const further = (one: OnlineVectors): ReturnType<OnlineReader['read']> => {
        const rows = Array.from({ length: one.rows }, (_, row) => keysOf(one, row))
        const other = found.read(rows, { now })
        return other instanceof Promise ? other.then((vectors) => joined(one, vectors)) : joined(one, other)
      }
      const one = asked.read(keys, { now })
      return one instanceof Promise ? one.then(further) : further(one)
    },
  }
}

interface Reads {
  readonly first: ServicePlan
  readonly second: ServicePlan
  readonly lookups: readonly Lookup[]
  readonly shape: ViaShape
}

function planReads(service: ServicePlan): Reads {
  const direct = service.views.filter(({ via }) => via === undefined)
  const sources = new Map<string, ViewRead>()
  for (const { via } of service.views) if (via !== undefined) sources.set(JSON.stringify(via), via)
  const ids = [...sources.keys()]
  const first: ServicePlan = { ...plainOf(service), views: [...direct, ...sources.values()] }
  const second: ServicePlan = {
    ...plainOf(service),
    views: service.views.flatMap((read) =>
      read.via === undefined ? [] : [lookedUp(read, ids.indexOf(JSON.stringify(read.via)))],
    ),
  }
  let begin = direct.reduce((sum, { features }) => sum + features.length, 0)
  const lookups = [...sources.values()].map((via, lookup): Lookup => {
    const fields = via.features.map((_, i) => begin + i)
    begin += fields.length
    return {
      fields,
      columns: via.features.map((_, i) => column(lookup, i)),
      names: via.features.map((feature) => `${nameIn(via)}__${feature}`),
    }
  })
  return { first, second, lookups, shape: shapeOf(service, ids, lookups) }
}

function plainOf({ name, hash }: ServicePlan): Pick<ServicePlan, 'name' | 'hash'> {
  return { name, hash }
}

/** A view that is asked for by columns of its lookup. */
function lookedUp({ via: _, ...read }: ServiceView, lookup: number): ServiceView {
  return { ...read, keys: Object.fromEntries(read.view.entity.keys.map(({ name }, i) => [name, column(lookup, i)])) }
}

function column(lookup: number, key: number): string {
  return `via${lookup}__${key}`
}

function shapeOf(service: ServicePlan, ids: readonly string[], lookups: readonly Lookup[]): ViaShape {
  let [one, other] = [0, 0]
  const views = service.views.map(({ via }) =>
    via === undefined
      ? { part: 'first' as const, view: one++ }
      : { part: 'second' as const, view: other++, lookup: lookups[ids.indexOf(JSON.stringify(via))] },
  )
  let [inFirst, inSecond] = [0, 0]
  const places = service.views.flatMap(({ via, features }) =>
    features.map(() =>
      via === undefined ? { part: 'first' as const, field: inFirst++ } : { part: 'second' as const, field: inSecond++ },
    ),
  )
  return { service, fields: vectorFields(service), views, places }
}
