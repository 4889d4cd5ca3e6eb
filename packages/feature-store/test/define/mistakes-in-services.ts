/** Wrong words of services, and what the compiler must say about them. */
const view = (features: string, more = '') =>
  `featureView('bad', { of: customer, from: usage, every: '1d', features: (f) => ({ ${features} })${more} })`

export const mistakesInServices: readonly (readonly [name: string, code: string, says: string])[] = [
  [
    'a text as the default of a number',
    view(`x: f.sum('kwh').over('7d').default('none')`),
    `"this feature is a number, so its default is a number"`,
  ],
  [
    'a number as the default of a text',
    view(`x: f.last('tariff').default(0)`),
    `"this feature is a text, so its default is a text"`,
  ],
  [
    'a default that an enum does not have',
    view(`x: f.last('tariff').default('night')`),
    `"'night' is not one of the values that this feature has"`,
  ],
  [
    'null as a default',
    view(`x: f.mean('kwh').over('7d').default(null)`),
    `"a default stands for null, so it is not null itself"`,
  ],
  [
    'a text as the default of a boolean',
    view(`x: f.any((r) => r.paid).over('7d').default('no')`),
    `"this feature is a boolean, so its default is a boolean"`,
  ],
  [
    'a text as the default of an instant',
    view(`x: f.max('ts').over('7d').default('2026-01-31')`),
    `"this feature is an instant, so its default is a Date"`,
  ],
  [
    'a band that is none of the bands as default',
    view(
      `x: f.sum('kwh').over('7d')`,
      `, derive: (v) => ({ tier: bands(v.x_7d, { low: 0, high: 9 }).default('medium') })`,
    ),
    `"'medium' is not one of the values that this feature has"`,
  ],
  [
    'a text as the default of a standing',
    view(`x: f.sum('kwh').over('7d')`, `, among: (v, everybody) => ({ r: everybody.rank(v.x_7d).default('last') })`),
    `"this feature is a number, so its default is a number"`,
  ],
  [
    'an expression over a default',
    view(`x: f.sum('kwh').over('7d')`, `, derive: (v) => ({ y: v.x_7d.mul(2).default(0).add(1) })`),
    `Property 'add' does not exist on type 'DefaultedValue`,
  ],
  [
    'a default as an operand',
    view(`x: f.sum('kwh').over('7d')`, `, derive: (v) => ({ y: v.x_7d.add(v.x_7d.default(0)) })`),
    `is not assignable to parameter of type 'Operand<number>'`,
  ],
  [
    'a default before the window',
    view(`x: f.sum('kwh').default(0).over('7d')`),
    `Property 'default' does not exist on type 'Aggregate<number`,
  ],
  [
    'a default of a label',
    `label('bad', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d').default(0) })`,
    `Property 'default' does not exist on type 'Ahead<number>'`,
  ],
  [
    'a default of a feature that the view lacks',
    `use.default({ kwh_8d: 0 })`,
    `"the view has no feature 'kwh_8d' to give a default to"`,
  ],
  [
    'a default of a feature that is not picked',
    `use.pick('tariff').default({ kwh_7d: 0 })`,
    `"the view has no feature 'kwh_7d' to give a default to"`,
  ],
  [
    'a wrong default in a service',
    `featureService('s', [use.default({ kwh_7d: 'none' })])`,
    `"this feature is a number, so its default is a number"`,
  ],
  [
    'a default of on-demand features',
    `perKm.default({ share: 0 })`,
    `Property 'default' does not exist on type 'OnDemand<"per_km"`,
  ],
  [
    'a role by a key that the entity lacks',
    `use.as('payer', { customer: 'payer_id' })`,
    `"entity 'customer' has no key column 'customer'"`,
  ],
  ['a role without a name', `use.as({ customer_id: 'payer_id' })`, `is not assignable to parameter of type 'string'`],
  [
    'a key of a role that is a number',
    `use.as('payer', { customer_id: 7 })`,
    `"the column that stands for key 'customer_id' is a text"`,
  ],
  [
    'a feature under the name of the view instead of the role',
    `onDemand('bad', { of: [use.as('payer', { customer_id: 'payer_id' })], request: ride,
      derive: (v, r) => ({ x: v.use__kwh_7d.mul(r.km) }) })`,
    `Property 'use__kwh_7d' does not exist`,
  ],
  [
    'a request with the key of a role',
    `onDemand('bad', { of: [use.as('payer', { customer_id: 'km' })], request: ride,
      derive: (v, r) => ({ x: v.payer__kwh_7d.mul(r.km) }) })`,
    `on-demand feature 'bad': the request has a value named like key column 'km'`,
  ],
  [
    'an on-demand feature with the name of a role that it reads',
    `onDemand('payer', { of: [use.as('payer', { customer_id: 'payer_id' })], request: ride,
      derive: (v, r) => ({ x: v.payer__kwh_7d.mul(r.km) }) })`,
    `on-demand feature 'payer' has the name of a view that it reads`,
  ],
]
