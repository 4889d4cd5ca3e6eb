import type { Mistakes } from './compiler.ts'

const marts = `import { z } from 'zod'
  import { entity, event, fact, featureView, happens, intervals, label } from '@martlet/feature-store'
  export const machine = entity('machine', { machine_id: z.string() })
  export const readings = fact('mart.readings', { columns: { machine_id: z.string(), ts: z.date(), kwh: z.number() },
    entities: [machine], eventTime: 'ts' })
  export const shifts = intervals('mart.shifts', { columns: { machine_id: z.string(), began: z.date(),
    ended: z.date().nullable(), loaded_at: z.date(), kwh: z.number(), crew: z.enum(['day', 'night']), done: z.boolean() },
    entities: [machine], start: 'began', end: 'ended', knownAt: 'loaded_at', zone: { ended: 'Europe/Zurich' } })
  export const shift = event('shift', shifts, { where: (r) => r.crew.eq('day') })
  export const use = featureView('use', { of: machine, from: shifts.with((r) => ({ wh: r.kwh.mul(1000) })), every: '1d',
    features: (f) => ({
      busy: f.overlap().over('1d', '7d'), used: f.overlap({ union: true }).where((r) => r.crew.eq('day')).overDays(1),
      by: f.overlap().by('crew').over('7d'), shift: f.overlap().over('1d').shift('1d'), month: f.overlap().toDate('month'),
      since: f.overlap().since(shift), ever: f.overlap().lifetime(),
      n: f.count().open(), wh: f.sum('wh').open(), crew: f.last('crew').open(), each: f.count().by('crew').open() }),
    derive: (v) => ({ load: v.busy_7d.div(7), many: v.n_open.gt(2), day: v.each_day_open.add(1) }) })
  export const busy = label('busy', { of: machine, from: shifts, value: (f) => f.overlap().ahead('7d') })
  export const again = label('again', { of: machine, value: happens(shifts).within('1d', { where: (r) => r.done.eq(true) }) })`

const view = (features: string, from = 'shifts') =>
  `featureView('bad', { of: machine, from: ${from}, every: '1d', features: (f) => ({ ${features} }) })`
const table = (spec: string) =>
  `intervals('mart.shifts', { columns: { machine_id: z.string(), began: z.date(), ended: z.date(), kwh: z.number() }, ${spec} })`
const noEnd = 'rows of this fact have no end; declare the table with intervals(…, { start, end })'

export const intervalMistakes: Mistakes = {
  subject: 'intervals',
  right: marts,
  mistakes: [
    ['an overlap of events', view(`x: f.overlap().over('7d')`, 'readings'), noEnd],
    ['what is open of events', view(`x: f.count().open()`, 'readings'), noEnd],
    ['an overlap without a window', view(`x: f.overlap()`), `feature 'x' is an aggregate without a window`],
    ['an overlap over rows', view(`x: f.overlap().overLast(3)`), `Property 'overLast' does not exist on type`],
    ['an overlap along a meter', view(`x: f.overlap().along('kwh', 3)`), `Property 'along' does not exist on type`],
    ['an overlap of what is open', view(`x: f.overlap().open()`), `Property 'open' does not exist on type`],
    ['a misspelt option', view(`x: f.overlap({ unite: true }).over('7d')`), `'unite' does not exist in type`],
    ['the end as a column', view(`x: f.last('ended')`), `this fact has no column 'ended'`],
    [
      'the end in a condition',
      view(`x: f.count().where((r) => r.ended.isNull()).over('1d')`),
      `Property 'ended' does not exist on type`,
    ],
    [
      'the end in an expression',
      `shifts.with((r) => ({ lasts: r.ended.coalesce(r.began) }))`,
      `Property 'ended' does not exist on type`,
    ],
    [
      'a condition on a column that is not there',
      view(`x: f.overlap().where((r) => r.crow.eq('day')).over('1d')`),
      `Property 'crow' does not exist on type`,
    ],
    ['open with an argument', view(`x: f.count().open('7d')`), `Expected 0 arguments, but got 1`],
    ['intervals without an end', table(`entities: [machine], start: 'began'`), `Property 'end' is missing in type`],
    [
      'a misspelt start',
      table(`entities: [machine], start: 'begun', end: 'ended'`),
      `Type '"begun"' is not assignable to type`,
    ],
    [
      'an end that is no time',
      table(`entities: [machine], start: 'began', end: 'kwh'`),
      `this table has no column of times 'kwh'`,
    ],
    [
      'an entity whose key the table lacks',
      table(`entities: [entity('crew', { crew_id: z.string() })], start: 'began', end: 'ended'`),
      `this table lacks column 'crew_id', a key of entity 'crew'`,
    ],
    [
      'a label of what is open',
      `label('bad', { of: machine, from: shifts, value: (f) => f.count().open() })`,
      `Property 'plan' is missing in type 'Gridded<number, "_open">' but required in type 'Outcome`,
    ],
  ],
}
