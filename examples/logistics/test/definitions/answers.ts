import {
  buildTrainingSet,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  vectorFields,
  type AnyFeatureService,
  type Catalog,
  type OnlineStore,
  type ViewPlan,
} from '@martlet/feature-store'
import { columnBatch, rowsOf, type ColumnInput, type ColumnType, type Warehouse } from '@martlet/warehouse'

export type Row = Readonly<Record<string, unknown>>

/** Values that come with a request. */
export type Asked = Readonly<Record<string, string | number | Date>>

/** One vector by name, read from facts, from feature tables and online. */
export interface Answers {
  readonly facts: Row
  readonly materialized: Row
  readonly online: Row
}

/** Materializes views up to a moment, and reads vectors of services there in three ways. */
export class Products implements AsyncDisposable {
  readonly #warehouse: Warehouse
  readonly #catalog: Catalog
  readonly #online: OnlineStore
  readonly #at: Date

  private constructor(warehouse: Warehouse, catalog: Catalog, online: OnlineStore, at: Date) {
    this.#warehouse = warehouse
    this.#catalog = catalog
    this.#online = online
    this.#at = at
  }

  static async open(warehouse: Warehouse, views: readonly ViewPlan[], at: Date): Promise<Products> {
    const catalog = await openCatalog({ path: ':memory:' })
    const online = openMemoryStore()
    const from = new Date(at.getTime() - 86_400_000).toISOString()
    await materialize({ warehouse, catalog, online, views, now: at.toISOString(), from, quality: false })
    return new Products(warehouse, catalog, online, at)
  }

  async of(service: AnyFeatureService, keys: Readonly<Record<string, string>>, request: Asked = {}): Promise<Answers> {
    const fields = vectorFields(service.plan)
    const trained = async (from: 'facts' | 'materialized'): Promise<Row> => {
      const [warehouse, catalog] = [this.#warehouse, this.#catalog]
      const spine = { rows: spineOf({ ...keys, ...request, at: this.#at }) }
      const set = await buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from })
      const [row = {}] = rowsOf<Record<string, unknown>>(await set.read())
      return Object.fromEntries(fields.map(({ name, type }) => [name, plain(row[name], type)]))
    }
    const reader = openOnlineReader({ service: service.plan, store: this.#online, functions: service.onDemand })
    const vectors = await reader.read([keys], { now: BigInt(this.#at.getTime()) * 1000n, request: [request] })
    return {
      facts: await trained('facts'),
      materialized: await trained('materialized'),
      online: Object.fromEntries(fields.map(({ name, type }, i) => [name, plain(vectors.value(0, i), type)])),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#catalog[Symbol.asyncDispose]()
    await this.#warehouse.close()
  }
}

function spineOf(row: Row): ReturnType<typeof columnBatch> {
  const column = (value: unknown): ColumnInput =>
    value instanceof Date
      ? { type: 'timestamp', values: [value] }
      : typeof value === 'number'
        ? { type: 'double', values: [value] }
        : { type: 'text', values: [String(value)] }
  return columnBatch(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, column(value)])))
}

/** Numbers with twelve digits, which is what sums of doubles have in any order; dates as text, which stores keep as days. */
function plain(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null
  if (type === 'date')
    return (value instanceof Date ? value : new Date(Number(value) * 86_400_000)).toISOString().slice(0, 10)
  if (type === 'text' || type === 'boolean') return value
  return Number(Number(value).toPrecision(12))
}
