import fc from 'fast-check'
import { sql } from 'kysely'
import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { runsOf } from '../../../warehouse/test/support/engine.ts'
import { instantText, toMicros } from '../../src/catalog/instant.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { compileViewRows } from '../../src/compile/view-sql.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { append, changedUsage, createMart, customerUsage, customers, tableRows } from './energy.ts'
import { inPlace } from './in-place.ts'

const day = 86_400_000_000n
const repair = 3n * day
const numRuns = runsOf(6)

/** Something that happens to a feature store. */
type Deed =
  | { readonly kind: 'run'; readonly days: number; readonly chunk: number; readonly stopAfter: number | null }
  | { readonly kind: 'range'; readonly from: number; readonly days: number; readonly chunk: number }
  | { readonly kind: 'late fact'; readonly hours: number; readonly customer: number }
  | { readonly kind: 'define'; readonly definition: 'first' | 'changed' }

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      days: fc.integer({ min: 0, max: 6 }),
      chunk: fc.integer({ min: 1, max: 5 }),
      stopAfter: fc.option(fc.integer({ min: 1, max: 6 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('range' as const),
      from: fc.integer({ min: 0, max: 8 }),
      days: fc.integer({ min: 1, max: 8 }),
      chunk: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('late fact' as const),
      hours: fc.integer({ min: 1, max: 72 }),
      customer: fc.integer({ min: 0, max: customers - 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('define' as const),
      definition: fc.constantFrom('first' as const, 'changed' as const),
    }),
  },
)

async function rowsFromFacts(
  warehouse: Warehouse,
  view: typeof customerUsage | typeof changedUsage,
  from: bigint,
  to: bigint,
): Promise<unknown> {
  const names = ['customer_id', 'feature_time', ...view.plan.features.map(({ name }) => name)].map((name) =>
    sql.id(name),
  )
  return warehouse.session(async (inside) => {
    const rows = compileViewRows(inside, view.plan, { from, to })
    for (const statement of rows.prepare) await inside.run(statement)
    return rowsOf(await inside.read(sql`SELECT ${sql.join(names)} FROM (${rows.query}) q ORDER BY ${sql.join(names)}`))
  })
}

test('whatever happens, a finished run leaves the rows that the facts give', { timeout: 60_000 * numRuns }, () =>
  fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 10 }), (deeds) =>
      inPlace(async ({ warehouse, catalog }) => {
        await createMart(warehouse, 70)
        const online = openMemoryStore()
        let now = toMicros('2024-01-08T06:00Z')
        // The newest instant that any run has tried to write: facts may come in as late as `repair` after it.
        let tried = toMicros('2024-01-09')
        let view: typeof customerUsage | typeof changedUsage = customerUsage
        const run = async (
          chunk: number,
          stopAfter: number | null,
          range: { readonly from?: bigint; readonly to?: bigint } = {},
        ): Promise<string> => {
          const stop = new AbortController()
          let chunks = 0
          const onProgress = (event: MaterializeEvent): void => {
            if (event.type === 'chunk' && ++chunks === stopAfter) stop.abort()
          }
          const [done] = await materialize({
            warehouse,
            catalog,
            online,
            views: [view],
            quality: false,
            now,
            chunk: { instants: chunk },
            onProgress,
            signal: stop.signal,
            ...range,
          }).catch((error: unknown) => (stop.signal.aborted ? [undefined] : Promise.reject(error)))
          return done?.action ?? 'cancelled'
        }
        await run(3, null)
        for (const event of [...deeds, { kind: 'run', days: 1, chunk: 3, stopAfter: null } as const]) {
          const { covered } = await readViewState(catalog.db, 'customer_usage')
          if (covered === null) throw new Error('rows that were complete are not any more')
          if (event.kind === 'define') view = event.definition === 'changed' ? changedUsage : customerUsage
          if (event.kind === 'late fact') {
            await append(warehouse, [
              {
                customer: event.customer,
                at: new Date(instantText(tried - BigInt(event.hours) * (repair / 72n))),
                kwh: 64,
              },
            ])
          }
          if (event.kind === 'range') {
            const from = covered.since + BigInt(event.from) * day
            await run(event.chunk, null, {
              from: from < covered.watermark ? from : covered.watermark,
              to: from + BigInt(event.days) * day,
            })
          }
          if (event.kind !== 'run') continue
          now += BigInt(event.days) * day
          if (now + day > tried) tried = now - 6n * 3_600_000_000n + day
          const action = await run(event.chunk, event.stopAfter)
          if (action !== 'write' && action !== 'rebuild') continue
          const after = (await readViewState(catalog.db, 'customer_usage')).covered
          if (after === null) throw new Error('a finished run has covered nothing')
          expect(after.hash).toBe(tableHash(view.plan))
          expect(await tableRows(warehouse, view)).toEqual(
            await rowsFromFacts(warehouse, view, after.since, after.watermark),
          )
          const keys = Array.from({ length: customers }, (_, index) =>
            keyCodec(view.plan.entity.keys).encode({ customer_id: `c${index}` }),
          )
          const [rows = []] = await online.read([{ table: 'customer_usage', keys }])
          expect(rows.map((row) => row?.time)).toEqual(keys.map(() => after.watermark - day))
        }
      }),
    ),
    { numRuns },
  ),
)
