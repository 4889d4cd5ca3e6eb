import type { Mistakes } from './compiler.ts'

const RIGHT = `import { z } from 'zod'
import { entity, fact, featureView, lookupTable } from '@martlet/feature-store'
export const customer = entity('customer', { customer_id: z.string() })
export const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() }, entities: [customer], eventTime: 'ts' })
export const holidays = lookupTable('mart.holidays', {
  columns: { date: z.iso.date(), name: z.string() }, day: 'date', knownAhead: true })
export const weather = lookupTable('mart.weather', { columns: { date: z.iso.date(), celsius: z.number() }, day: 'date' })
export const tariffs = lookupTable('mart.tariffs', { columns: { since: z.date(), price: z.number() }, validFrom: 'since' })
export const spot = lookupTable('mart.spot', {
  columns: { since: z.date(), until: z.date(), published: z.date(), price: z.number() },
  validFrom: 'since', validTo: 'until', knownAt: 'published' })
export const calendar = featureView('calendar', { every: '1d', features: (f) => ({
  holiday: f.lookup(holidays, 'name', { at: '+1d' }), yesterday: f.lookup(weather, 'celsius', { at: '-1d' }),
  price: f.lookup(tariffs, 'price'), soon: f.lookup(spot, 'price', { at: '+6h' }) }) })
export const used = featureView('used', { of: customer, from: usage, every: '1d', features: (f) => ({
  kwh: f.sum('kwh').over('1d'), holiday: f.lookup(holidays, 'name') }) })
export const names: string | null | undefined = calendar['~features']?.holiday
export const soon: number | null | undefined = calendar['~features']?.soon
`

const view = (features: string, more = '') =>
  `featureView('bad', { of: customer, from: usage, every: '1d', features: (f) => ({ ${features} })${more} })`
const ahead = 'give it knownAt, or say knownAhead: true if that is so'

export const lookupMistakes: Mistakes = {
  subject: 'lookups',
  right: RIGHT,
  mistakes: [
    [
      'a look ahead in a table that is not known in advance',
      view(`x: f.lookup(tariffs, 'price', { at: '+1d' })`),
      `nobody knows this table's rows before they begin, so reading ahead of T leaks the future; ${ahead}`,
    ],
    [
      'the day of T in a table of days that is not known in advance',
      view(`x: f.lookup(weather, 'celsius')`),
      `nobody knows this table's row of a day before it is over; ${ahead}, or read an earlier day with { at: '-1d' }`,
    ],
    [
      'the next day of such a table in a calendar',
      `featureView('bad', { every: '1d', features: (f) => ({ x: f.lookup(weather, 'celsius', { at: '+1d' }) }) })`,
      `nobody knows this table's row of a day before it is over`,
    ],
    ['a misspelt column', view(`x: f.lookup(holidays, 'nam')`), `this table has no column 'nam'`],
    [
      'hours in a table of days',
      view(`x: f.lookup(holidays, 'name', { at: '+6h' })`),
      `this table has a row per day, so it is read whole days from T, such as '+1d'`,
    ],
    [
      'a shift without a sign',
      view(`x: f.lookup(holidays, 'name', { at: '1d' })`),
      `Type '"1d"' is not assignable to type`,
    ],
    [
      'a shift by months',
      view(`x: f.lookup(holidays, 'name', { at: '+1mo' })`),
      `Type '"+1mo"' is not assignable to type`,
    ],
    [
      'a misspelt option',
      view(`x: f.lookup(holidays, 'name', { on: '+1d' })`),
      `'on' does not exist in type 'LookupOptions'`,
    ],
    ['a fact', view(`x: f.lookup(usage, 'kwh')`), `'kind' are incompatible`],
    [
      'a table of days by a column that is none',
      `lookupTable('t', { columns: { date: z.iso.date(), n: z.number() }, day: 'n' })`,
      `Type '"n"' is not assignable to type '"date"'`,
    ],
    [
      'a table of intervals by dates',
      `lookupTable('t', { columns: { date: z.iso.date(), at: z.date() }, validFrom: 'date' })`,
      `Type '"date"' is not assignable to type '"at"'`,
    ],
    [
      'a view from a lookup table',
      `featureView('bad', { of: customer, from: holidays, every: '1d', features: () => ({}) })`,
      `is not assignable to type`,
    ],
    [
      'the sum of a name',
      view(`x: f.lookup(holidays, 'name')`, `, derive: (v) => ({ y: v.x.add(1) })`),
      `Property 'add' does not exist`,
    ],
  ],
}
