import { tableRef, type Sql } from '@martlet/warehouse'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dualLeaves } from '../../../warehouse/test/snowflake-sql/dual-leaves.ts'
import { snowflakeText } from '../../../warehouse/test/snowflake-sql/snowflake-texts.ts'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'
import { compileViewRows, type CompiledRows } from '../../src/compile/view-sql.ts'
import { featureService, gridInstants, happens, label, next } from '../../src/index.ts'
import { sharedMoments } from '../../src/materialize/refresh-moments.ts'
import { momentRows } from '../../src/compile/tiles/moment-table.ts'
import { trainings, views } from '../compile/golden-definitions.ts'
import { gridOf } from '../../src/plan/view-plan.ts'
import { buildView, DAYS, readings, site, START, viewChoice } from '../oracle/random-mart.ts'

const runs = Math.ceil(400 * Number(process.env['MARTLET_RUNS'] ?? 1))
const DAY = 86_400_000_000n
const leaves = dualLeaves
const from = BigInt(Date.UTC(2024, 2, 28)) * 1000n

const texts = (rows: CompiledRows): readonly string[] =>
  [...rows.prepare, rows.query, ...rows.cleanup].map((statement: Sql) => snowflakeText(statement))

test('views: one of each kind of feature, window, source and grid, whatever way values are looked up', () => {
  const found = Object.entries(views).flatMap(([name, { plan }]) =>
    (['dense', 'sparse'] as const).flatMap((lookup) => {
      const moments = sharedMoments([plan]).get(plan.name)
      const stored =
        moments === undefined
          ? []
          : [
              ...texts(compileViewRows({ leaves }, plan, { from, to: from + 7n * DAY }, { lookup, moments })),
              snowflakeText(momentRows(leaves, moments, null, from)),
              snowflakeText(momentRows(leaves, moments, from, from + DAY)),
            ]
      expect(name).not.toBe('')
      return [...texts(compileViewRows({ leaves }, plan, { from, to: from + 7n * DAY }, { lookup })), ...stored]
    }),
  )
  expectAllowed('views', found)
})

test('training sets: each source of features and each kind of label', () => {
  const spine = {
    table: 'spine',
    rows: 3,
    columns: ['site_id', 'channel', 'at'],
    first: from + DAY,
    last: from + 6n * DAY,
  }
  const found = Object.values(trainings).flatMap(({ service, labels, from: source }) =>
    (['dense', 'sparse', 'direct'] as const).flatMap((lookup) =>
      texts(
        compileTraining(
          leaves,
          service.plan,
          labels.map(({ plan }) => plan),
          spine,
          { asOf: from + 7n * DAY, from: source, featureTable: (view) => tableRef(`features.${view.name}`), lookup },
        ),
      ),
    ),
  )
  expectAllowed('training', found)
})

test('random views and their training sets', () => {
  const found = new Set<string>()
  fc.assert(
    fc.property(
      viewChoice,
      fc.constantFrom('dense' as const, 'sparse' as const),
      fc.boolean(),
      fc.integer({ min: 0, max: DAYS }),
      fc.constantFrom(3, 5000),
      (choice, lookup, stored, day, rows) => {
        const { plan } = buildView(choice)
        const begin = BigInt(START) + BigInt(day) * DAY
        const range = { from: begin, to: begin + 2n * DAY }
        fc.pre(gridInstants(gridOf(plan), range.from, range.to).length > 0)
        const moments = stored ? sharedMoments([plan]).get(plan.name) : undefined
        for (const text of texts(compileViewRows({ leaves }, plan, range, { lookup, moments }))) found.add(text)
        if (moments !== undefined) found.add(snowflakeText(momentRows(leaves, moments, null, begin)))
        const spine = { table: 'spine', rows, columns: ['region', 'site_id', 'at'], first: begin, last: begin + DAY }
        for (const text of texts(
          compileTraining(leaves, featureService('random', [buildView(choice)]).plan, [], spine, {
            asOf: begin,
            from: 'facts',
            featureTable: () => tableRef('features.random_view'),
            lookup,
          }),
        ))
          found.add(text)
      },
    ),
    { numRuns: runs },
  )
  expectAllowed('random', [...found])
}, 300_000)

test('labels of every aggregate', () => {
  const service = featureService('labelled', [views['age'] ?? expect.fail()])
  const window = { gap: '1h', maturity: '12h' } as const
  const outcomes = [
    label('sum', { of: site, from: readings, value: (f) => f.sum('x').ahead('1d', window) }),
    label('count', { of: site, from: readings, value: (f) => f.count().ahead('1d') }),
    label('mean', { of: site, from: readings, value: (f) => f.mean('x').ahead('1d') }),
    label('low', { of: site, from: readings, value: (f) => f.min('x').ahead('1d') }),
    label('first', { of: site, from: readings, value: (f) => f.first('c').ahead('1d') }),
    label('last', { of: site, from: readings, value: (f) => f.last('x').ahead('1d') }),
    label('kinds', { of: site, from: readings, value: (f) => f.distinct('c').ahead('1d') }),
    label('spread', { of: site, from: readings, value: (f) => f.stddev('x').ahead('1d') }),
    label('vary', { of: site, from: readings, value: (f) => f.variance('x').ahead('1d') }),
    label('trend', { of: site, from: readings, value: (f) => f.slope('x').ahead('1d') }),
    label('share', { of: site, from: readings, value: (f) => f.ratio(f.sum('x'), f.count()).ahead('1d') }),
    label('some', {
      of: site,
      from: readings,
      value: (f) =>
        f
          .sum('x')
          .where((r) => r.c.eq('a'))
          .ahead('36h'),
    }),
    label('kind', { of: site, value: next(readings, 'c').within('6h') }),
    label('days', { of: site, from: readings, value: (f) => f.sum('x').ahead('1d').steps(3) }),
    label('event', { of: site, value: happens(readings).within('6h', { ...window, where: (r) => r.x.gt(0) }) }),
  ]
  const spine = { table: 'spine', rows: 3, columns: ['region', 'site_id', 'at'], first: from, last: from + DAY }
  expectAllowed(
    'labels',
    texts(
      compileTraining(
        leaves,
        service.plan,
        outcomes.map(({ plan }) => plan),
        spine,
        { asOf: from + 7n * DAY, from: 'facts', featureTable: () => tableRef('features.t') },
      ),
    ),
  )
})
