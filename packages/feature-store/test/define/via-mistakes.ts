import type { Mistakes } from './compiler.ts'

const RIGHT = `import { z } from 'zod'
import { dimension, entity, fact, featureView } from '@martlet/feature-store'
export const vehicle = entity('vehicle', { vehicle_id: z.string() })
export const site = entity('site', { site_id: z.int() })
export const meter = entity('meter', { site_id: z.int(), channel: z.int() })
export const trips = fact('mart.trips', {
  columns: { vehicle_id: z.string(), ts: z.date(), km: z.number() }, entities: [vehicle], eventTime: 'ts' })
export const vehicles = dimension('mart.vehicles', {
  columns: { vehicle_id: z.string(), home_site_id: z.int().nullable(), model: z.string(), since: z.date() },
  entity: vehicle, validFrom: 'since' })
export const sites = dimension('mart.sites', {
  columns: { site_id: z.int(), region: z.enum(['north', 'south']), since: z.date() }, entity: site, validFrom: 'since' })
export const current = dimension('mart.sites_now', { columns: { site_id: z.int(), region: z.string() }, entity: site })
export const meters = dimension('mart.meters', {
  columns: { site_id: z.int(), channel: z.int(), kind: z.string(), since: z.date() }, entity: meter, validFrom: 'since' })
export const used = featureView('used', { of: vehicle, from: trips, every: '1d', features: (f) => ({
  region: f.via(vehicles, 'home_site_id').attribute(sites, 'region'),
  now: f.via(vehicles, 'home_site_id').attribute(current, 'region', { withoutHistory: 'allow' }) }) })
export const profile = featureView('profile', { of: vehicle, from: vehicles, every: '1d', features: (f) => ({
  region: f.via(vehicles, 'home_site_id').attribute(sites, 'region') }) })
export const region: 'north' | 'south' | null | undefined = profile['~features']?.region
`

const view = (feature: string) =>
  `featureView('bad', { of: vehicle, from: trips, every: '1d', features: (f) => ({ x: ${feature} }) })`

export const viaMistakes: Mistakes = {
  subject: 'foreign attributes',
  right: RIGHT,
  mistakes: [
    [
      'a way through a column of another type',
      view(`f.via(vehicles, 'model').attribute(sites, 'region')`),
      `the column that leads here is not of the type that entity 'site' gives its key`,
    ],
    [
      'a way through a misspelt column',
      view(`f.via(vehicles, 'home_site').attribute(sites, 'region')`),
      `this dimension has no column 'home_site'`,
    ],
    [
      'a way that begins at another entity',
      view(`f.via(sites, 'site_id').attribute(sites, 'region')`),
      `this dimension describes entity 'site', not entity 'vehicle'`,
    ],
    [
      'a misspelt attribute at its end',
      view(`f.via(vehicles, 'home_site_id').attribute(sites, 'regoin')`),
      `this dimension has no column 'regoin'`,
    ],
    [
      'an end without history',
      view(`f.via(vehicles, 'home_site_id').attribute(current, 'region')`),
      `this dimension keeps no history, so it leaks the present into the past`,
    ],
    [
      'an entity of several keys',
      view(`f.via(vehicles, 'home_site_id').attribute(meters, 'kind')`),
      `entity 'meter' has several keys, so one column does not lead to it`,
    ],
    [
      'a second way of another type',
      view(`f.via(vehicles, 'home_site_id').via(sites, 'region').attribute(sites, 'region')`),
      `the column that leads here is not of the type that entity 'site' gives its key`,
    ],
    ['a way without an end', view(`f.via(vehicles, 'home_site_id')`), `view 'bad': feature 'x' is not a feature`],
    [
      'a way in a calendar',
      `featureView('bad', { every: '1d', features: (f) => ({ x: f.via(vehicles, 'home_site_id') }) })`,
      `Property 'via' does not exist on type 'CalendarBuilder'`,
    ],
  ],
}
