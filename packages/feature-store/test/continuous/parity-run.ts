import { columnBatch, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import {
  buildTrainingSet,
  drain,
  foldViews,
  materialize,
  openIntake,
  openOnlineReader,
  sourceTails,
  vectorFields,
  type Catalog,
  type FeatureValue,
  type OnlineStore,
} from '../../src/index.ts'
import { disagreement } from '../oracle/exact/agree.ts'
import { paymentMaker } from './made-events.ts'
import { fraud, payments, tempo, velocity } from './payments.ts'
import { seeded } from './seeded.ts'

export interface ParityOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  /** Opens the store, also again after it was closed. */
  readonly open: () => OnlineStore | Promise<OnlineStore>
  /** How many (account, t) are read. */
  readonly reads: number
  readonly seed: number
  readonly accounts?: number
  /** Reads after each push. @default 40 */
  readonly readsEach?: number
  /** Called now and then with how many have been read. */
  readonly onProgress?: (read: number) => void
}

export interface ParityResult {
  readonly reads: number
  /** Values that were compared. */
  readonly values: number
  readonly events: number
  readonly repeated: number
  readonly rejected: number
  readonly publications: number
  readonly folded: number
  readonly restarts: number
  /** Reads that found a row. */
  readonly found: number
  /** What differed, in words. */
  readonly differences: readonly string[]
}

const SECOND = 1_000_000
const START = BigInt(Date.UTC(2026, 0, 15)) * 1000n

interface Read {
  readonly account: string
  readonly at: bigint
  readonly values: readonly FeatureValue[]
  readonly found: boolean
}

/**
 * Pushes random payments, and meanwhile reads random accounts at random instants, drains, materializes, folds and restarts
 * the store; afterwards computes the same instants from the facts, and compares every value.
 */
export async function parityRun(options: ParityOptions): Promise<ParityResult> {
  const { warehouse, catalog, reads: wanted, seed, accounts = 60, readsEach = 40, onProgress } = options
  const random = seeded(seed)
  const maker = paymentMaker(random, accounts)
  const views = [velocity.plan, tempo.plan]
  const tails = sourceTails([payments.plan], views).get('payments')
  const counts = { events: 0, repeated: 0, rejected: 0, publications: 0, folded: 0, restarts: 0 }
  let store = await options.open()
  let now = START
  const bring = async (): Promise<void> => {
    const { events } = store
    if (events !== undefined) await drain({ warehouse, source: payments.plan, events, now: () => now })
  }
  const publish = async (): Promise<void> => {
    const date = new Date(Number(now / 1000n))
    await materialize({
      warehouse,
      catalog,
      online: store,
      views,
      sources: [payments],
      now: date,
      allowFuture: true,
      quality: false,
    })
    counts.publications++
  }
  const made: Read[] = []
  while (made.length < wanted) {
    now += BigInt(1 + random.below(random.chance(0.06) ? 6 * 3600 * SECOND : 20 * SECOND))
    const { events } = store
    if (events === undefined) throw new Error('the store takes no events')
    const intake = openIntake(payments.plan, events, () => tails)
    const came = maker.batch(now).map((body) => ({ body }))
    const taken = await intake.append(intake.read(came, { arrived: now, origin: () => 'push' }))
    counts.events += taken.accepted
    counts.repeated += taken.repeated
    counts.rejected += taken.rejected.length
    // Bases answer from their border on, which is in whole milliseconds.
    now = (now / 1000n + 1n) * 1000n
    if (random.chance(0.04)) await publish()
    if (random.chance(0.05)) await bring()
    if (random.chance(0.1)) {
      const limit = 1 + random.below(20)
      counts.folded += await foldViews({ online: store, views, sources: [payments.plan], limit, now })
    }
    if (random.chance(0.02)) {
      await store.close()
      store = await options.open()
      counts.restarts++
    }
    const reader = openOnlineReader({ service: fraud.plan, store, sources: [payments.plan] })
    for (let read = 0; read < readsEach && made.length < wanted; read++) {
      const at = now + BigInt(random.below(1000))
      const account = random.chance(0.02) ? 'nobody' : random.pick(maker.accounts)
      const vectors = await reader.read([{ account_id: account }], { now: at })
      const values = vectors.fields.map((_, field) => vectors.value(0, field))
      made.push({ account, at, values, found: vectors.status(0, 0) !== 'NOT_FOUND' })
    }
    if (made.length % 10_000 < readsEach) onProgress?.(made.length)
  }
  await publish()
  const differences = await compare(warehouse, made)
  await store.close()
  const found = made.filter((read) => read.found).length
  return { reads: made.length, values: made.length * vectorFields(fraud.plan).length, found, ...counts, differences }
}

/** Computes the same rows from the facts. */
async function compare(warehouse: Warehouse, made: readonly Read[]): Promise<readonly string[]> {
  const spine = columnBatch({
    account_id: { type: 'text', values: made.map(({ account }) => account) },
    t: { type: 'timestamp', values: made.map(({ at }) => at) },
  })
  const set = await buildTrainingSet({
    warehouse,
    service: fraud,
    spine: { rows: spine },
    time: 't',
    into: 'training.parity',
  })
  const { names, columns } = await set.read()
  const differences: string[] = []
  for (const [field, { name }] of vectorFields(fraud.plan).entries()) {
    const column = columns[names.indexOf(name)]
    if (column === undefined) throw new Error(`the training set has no column ${name}`)
    for (const [row, { account, at, values }] of made.entries()) {
      const problem = disagreement(comparable(values[field] ?? null), comparable(cellOf(column, row)))
      if (problem !== undefined) differences.push(`${account} at ${at}: ${name} is ${problem} of the training set`)
    }
  }
  return differences
}

export function cellOf(column: ColumnVector, row: number): FeatureValue {
  if (column.nulls?.[row] === 1) return null
  const value = column.values[row] ?? null
  if (typeof column.type === 'object') return Number(value) / 10 ** column.type.decimal[1]
  return column.type === 'boolean' ? value === 1 : value
}

export function comparable(value: FeatureValue): number | string | boolean | null {
  return typeof value === 'bigint' ? Number(value) : value
}
