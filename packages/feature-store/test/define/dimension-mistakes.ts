import type { Mistakes } from './compiler.ts'

const marts = `import { z } from 'zod'
  import { caseWhen, dimension, entity, fact, featureView, happens, label } from '@martlet/feature-store'
  export const vehicle = entity('vehicle', { vehicle_id: z.string() })
  export const model = entity('model', { model: z.string() })
  export const depot = entity('depot', { depot_id: z.string() })
  export const telemetry = fact('mart.telemetry', { columns: { vehicle_id: z.string(), ts: z.date(), km: z.number(),
    gear: z.int().nullable(), hot: z.boolean() }, entities: [vehicle], eventTime: 'ts' })
  export const vehicles = dimension('mart.vehicles', { columns: { vehicle_id: z.string(), depot_id: z.string(),
    model: z.string(), class: z.enum(['van', 'truck']), price: z.number().nullable(), since: z.date() },
    entity: vehicle, validFrom: 'since' })
  export const models = dimension('mart.models', { columns: { model: z.string(), tank: z.number() }, entity: model })
  export const joined = telemetry.with(vehicles, { on: { vehicle_id: 'vehicle_id' }, entities: [depot] })
    .with((r) => ({ cost: r.km.mul(r.price), kind: caseWhen(r.class.eq('van'), 'small').otherwise('large') }))
    .with(models, { on: { model: 'model' }, as: 'model', withoutHistory: 'allow' })
  export const byDepot = featureView('by_depot', { of: depot, from: joined, every: '1d', features: (f) => ({
    cost: f.sum('cost').over('7d'), tank: f.max('model_tank').over('7d'), split: f.sum('km').by('class').over('7d'),
    newest: f.last('since'), of_vans: f.count().where((r) => r.class.eq('van')).over('7d') }) })
  export const renamed = telemetry.with(vehicles, { on: { vehicle_id: 'vehicle_id' }, columns: ['depot_id'], as: 'home',
    entities: [depot.from({ depot_id: 'home_depot_id' })] })
  export const hot = label('hot', { of: depot, value: happens(renamed).within('1d', { where: (r) => r.hot.eq(true) }) })`

const join = (options: string, more = '') => `telemetry.with(vehicles, { ${options} })${more}`
const byKey = `on: { vehicle_id: 'vehicle_id' }`
const daily = (features: string) =>
  `featureView('bad', { of: depot, from: joined, every: '1d', features: (f) => ({ ${features} }) })`

export const dimensionMistakes: Mistakes = {
  subject: 'columns of dimensions',
  right: marts,
  mistakes: [
    ['a dimension without a join', `telemetry.with(vehicles, {})`, `Property 'on' is missing`],
    ['a misspelt column of the fact', join(`on: { vehicle: 'vehicle_id' }`), `this fact has no column 'vehicle'`],
    [
      'a misspelt key of the dimension',
      join(`on: { vehicle_id: 'vehicle' }`),
      `this dimension has no column 'vehicle'`,
    ],
    [
      'a column of another type',
      join(`on: { gear: 'vehicle_id' }`),
      `column 'gear' of this fact is not of the type of 'vehicle_id' of this dimension`,
    ],
    [
      'a key that is not named',
      join(`on: { vehicle_id: 'model' }`),
      `on names no column for key 'vehicle_id' of this dimension`,
    ],
    [
      'a misspelt column of the dimension',
      join(`${byKey}, columns: ['depot']`),
      `this dimension has no column 'depot'`,
    ],
    [
      'a column that the fact has',
      `telemetry.with((r) => ({ price: r.km })).with(vehicles, { ${byKey} })`,
      `this fact already has a column 'price'; choose with columns: […], or add as: '…'`,
    ],
    [
      'a dimension joined twice under one name',
      join(byKey, `.with(vehicles, { ${byKey}, columns: ['model'] })`),
      `this fact already has a column 'model'; choose with columns: […], or add as: '…'`,
    ],
    [
      'a dimension without history',
      `joined.with(models, { on: { model: 'model' }, as: 'again' })`,
      `this dimension keeps no history, so it leaks the present into the past; give it validFrom, or accept`,
    ],
    [
      'an entity whose key no column is',
      join(`${byKey}, columns: ['class'], entities: [depot]`),
      `this table lacks column 'depot_id', a key of entity 'depot'`,
    ],
    [
      'an entity under a prefix',
      join(`${byKey}, as: 'home', entities: [depot]`),
      `this table lacks column 'depot_id', a key of entity 'depot'`,
    ],
    [
      'a column that was not chosen',
      join(`${byKey}, columns: ['class']`, `.with((r) => ({ x: r.price.mul(2) }))`),
      `Property 'price' does not exist`,
    ],
    [
      'a view of an entity that no dimension gives',
      `featureView('bad', { of: depot, from: telemetry, every: '1d', features: (f) => ({ x: f.count().over('1d') }) })`,
      `entity 'depot' is not one that this fact describes`,
    ],
    [
      'a sum of texts of a dimension',
      daily(`x: f.sum('model').over('1d')`),
      `column 'model' of this fact is not a number, so it cannot be summed`,
    ],
    [
      'a comparison with no member',
      daily(`x: f.count().where((r) => r.class.eq('bus')).over('1d')`),
      `'"bus"' is not assignable to parameter`,
    ],
    [
      'a fact in place of a dimension',
      `telemetry.with(telemetry, { ${byKey} })`,
      `Type '"fact"' is not assignable to type '"dimension"'`,
    ],
  ],
}
