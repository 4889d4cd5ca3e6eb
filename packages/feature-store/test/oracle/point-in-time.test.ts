import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'
import { temporaryPrefix } from '../../src/compile/temporary-tables.ts'
import { compileViewRows, featureService, featureView, gridInstants } from '../../src/index.ts'
import { refreshMoments, sharedMoments } from '../../src/materialize/refresh-moments.ts'
import { stageSpine } from '../../src/read/spine.ts'
import { agree } from './exact/agree.ts'
import { loadMart, rowsOf, spineBatch } from './mart-tables.ts'
import { featureRow } from './oracle.ts'
import { servedTime } from './clock.ts'
import type { Row } from './row.ts'
import { gridOf } from '../../src/plan/view-plan.ts'
import { buildView, contractRow, DAYS, factRow, readings, site, spineRow, START, viewChoice } from './random-mart.ts'

const runs = runsOf(70)
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** Contracts with one start per entity: overlapping intervals that start together have no defined order. */
/** Another view on the same fact, whose moments share the table. */
const sibling = featureView('sibling', {
  of: site,
  from: readings,
  every: '1d',
  features: (f) => ({
    total: f
      .sum('x')
      .where((r) => r.n.gt(0))
      .over('1d'),
    spread: f.stddev('n').over('1d'),
  }),
})

const contracts = fc.array(contractRow, { maxLength: 12 })
const mart = fc.record({ facts: fc.array(factRow, { maxLength: 60 }), contracts })

test(`training sets equal brute force on random marts`, { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      mart,
      viewChoice,
      fc.array(spineRow, { minLength: 1, maxLength: 90 }),
      fc.constantFrom('dense' as const, 'sparse' as const),
      async (given, choice, spine, lookup) => {
        const view = buildView(choice)
        const service = featureService('random_service', [view])
        const oracle = await loadMart(warehouse, given.facts, given.contracts)
        const rows = await warehouse.session(async (session) => {
          const staged = await stageSpine(
            session,
            { rows: spineBatch(spine) },
            'at',
            view.plan.entity.keys,
            `${temporaryPrefix()}_spine`,
          )
          const compiled = compileTraining(session.leaves, service.plan, [], staged, {
            asOf: staged.last,
            from: 'facts',
            featureTable: () => sql``,
            lookup,
          })
          for (const statement of compiled.prepare) await session.run(statement)
          return rowsOf(await session.read(sql`SELECT * FROM (${compiled.query}) q ORDER BY spine_row`))
        })
        expect(rows.length).toBe(spine.length)
        for (const [i, row] of rows.entries()) {
          const asked = spine[i] ?? {}
          expect({ region: row['region'], site_id: row['site_id'], at: row['at'] }).toEqual(asked)
          const T = servedTime(view.plan, Number(asked['at']))
          const expected = featureRow(oracle, view.plan, asked, T)
          for (const feature of view.plan.features) {
            agree(
              row[`random_view__${feature.name}`] ?? null,
              expected?.[feature.name] ?? null,
              `${feature.name} of spine row ${i} at T ${T}`,
            )
          }
        }
      },
    ),
    { numRuns: runs },
  )
})

test(`materialized rows equal brute force on random marts`, { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      mart,
      viewChoice,
      fc.constantFrom('dense' as const, 'sparse' as const),
      fc.boolean(),
      fc.integer({ min: 0, max: DAYS }),
      async (given, choice, lookup, stored, day) => {
        const view = buildView(choice)
        const oracle = await loadMart(warehouse, given.facts, given.contracts)
        const from = BigInt(START + day * 86_400_000_000)
        const to = from + 86_400_000_000n * 2n
        const instants = gridInstants(gridOf(view.plan), from, to)
        fc.pre(instants.length > 0)
        const rows = await warehouse.session(async (session) => {
          const moments = stored ? sharedMoments([view.plan, sibling.plan]).get(view.name) : undefined
          if (moments !== undefined) {
            await session.run(sql`DROP TABLE IF EXISTS features_internal.moment_tables`)
            for (const end of [from, to]) await refreshMoments(session, moments, end)
          }
          const compiled = compileViewRows(session, view.plan, { from, to }, { lookup, moments })
          for (const statement of compiled.prepare) await session.run(statement)
          const found = rowsOf(await session.read(compiled.query))
          for (const statement of compiled.cleanup) await session.run(statement)
          return found
        })
        const entities = new Map(
          [...given.facts, ...given.contracts].map((row) => [JSON.stringify([row['region'], row['site_id']]), row]),
        )
        const expected = [...entities.values()].flatMap((key) =>
          instants.flatMap((T) => {
            const answers = featureRow(oracle, view.plan, key, Number(T))
            return answers === null ? [] : [{ row: { ...key, feature_time: Number(T) }, answers }]
          }),
        )
        const name = (row: Row): string =>
          `${String(row['region'])}|${String(row['site_id'])}|${String(row['feature_time'])}`
        const found = new Map(rows.map((row) => [name(row), row]))
        expect(rows.length).toBe(expected.length)
        for (const { row, answers } of expected) {
          const actual = found.get(name(row))
          expect(actual, name(row)).toBeDefined()
          for (const feature of view.plan.features)
            agree(actual?.[feature.name] ?? null, answers[feature.name] ?? null, `${feature.name} of ${name(row)}`)
        }
      },
    ),
    { numRuns: runs },
  )
})
