import { expect, test } from 'vitest'
import { z } from 'zod'
import { momentColumn } from '../../src/compile/tiles/moment-table.ts'
import { tileMomentsOf } from '../../src/compile/tiles/view-moments.ts'
import { decimal, entity, fact, featureView } from '../../src/index.ts'

const meter = entity('meter', { meter_id: z.string() })
const load = fact('mart.load', {
  columns: { meter_id: z.string(), ts: z.date(), x: z.number(), n: z.int(), d: decimal(38, 10) },
  entities: [meter],
  eventTime: 'ts',
})
const view = featureView('load', {
  of: meter,
  from: load,
  every: '1d',
  features: (f) => ({
    count: f.count().over('7d'),
    sum: f.sum('x').over('7d'),
    whole: f.sum('n').over('7d'),
    exact: f.sum('d').over('7d'),
    trend: f.slope('x').over('7d'),
    low: f.min('x').over('7d'),
    first: f.first('x').over('7d'),
    last: f.last('x'),
    since: f.age(),
  }),
})
const columns = tileMomentsOf(view.plan).map((moment) => momentColumn(moment))

test('a key column that is called as a column of stored tiles is refused', () => {
  const kinds = 'count counted units sum high low rest spread cross tau tausquared min max oldest newest newesttime'
  expect(new Set(columns.map((name) => name.slice(0, -13)))).toEqual(new Set(kinds.split(' ')))
  for (const name of columns) expect(() => entity('other', { [name]: z.string() }), name).toThrow(/is reserved/)
})
