import { continuousMistakes } from './continuous-mistakes.ts'
import type { Mistake, Mistakes } from './compiler.ts'
import { mistakesInServices } from './mistakes-in-services.ts'
import { spineMistakes } from './spine-mistakes.ts'

/** Wrong definitions, each in a file of its own, and what the compiler must say about it. */
const view = (features: string, more = '') =>
  `featureView('bad', { of: customer, from: usage, every: '1d', features: (f) => ({ ${features} })${more} })`
const over = (features: string, from = 'use', more = '') =>
  `featureView('bad', { of: customer, from: ${from}, every: '1d', features: (v, f) => ({ ${features} })${more} })`
const computed = (spec: string, brought = 'ride') => `onDemand('bad', { of: [use], request: ${brought}, ${spec} })`
const mistakes: readonly Mistake[] = [
  ...spineMistakes,
  ...continuousMistakes,
  [
    'a sum of texts',
    view(`x: f.sum('tariff').over('1d')`),
    `column 'tariff' of this fact is not a number, so it cannot be summed`,
  ],
  [
    'a mean of texts',
    view(`x: f.mean('tariff').over('1d')`),
    `column 'tariff' of this fact is not a number, so it has no mean`,
  ],
  [
    'a slope of instants',
    view(`x: f.slope('ts').over('1d')`),
    `column 'ts' of this fact is not a number, so it has no slope`,
  ],
  [
    'a maximum of booleans',
    view(`x: f.max('paid').over('1d')`),
    `column 'paid' of this fact has no order, so it has no maximum`,
  ],
  [
    'a percentile of texts',
    view(`x: f.percentile('tariff', 0.9).over('1d')`),
    `column 'tariff' of this fact is not a number, so it has no percentiles`,
  ],
  [
    'a percentile in percent',
    view(`x: f.percentile('kwh', 90).over('1d')`),
    `a percentile is a share from 0 to 1, such as 0.9, and not 90`,
  ],
  [
    'a percentile below 0',
    view(`x: f.percentile('kwh', -0.1).over('1d')`),
    `a percentile is a share from 0 to 1, such as 0.9, and not -0.1`,
  ],
  ['a percentile without its share', view(`x: f.percentile('kwh').over('1d')`), `Expected 2-3 arguments, but got 1`],
  [
    'a median of booleans',
    view(`x: f.median('paid').over('1d')`),
    `column 'paid' of this fact is not a number, so it has no median`,
  ],
  [
    'a median with a misspelt option',
    view(`x: f.median('kwh', { approximately: true }).over('1d')`),
    `'approximately' does not exist in type 'Approximation'`,
  ],
  ['an approximate sum', view(`x: f.sum('kwh', { approximate: true }).over('1d')`), `Expected 1 arguments, but got 2`],
  [
    'the most frequent value of a misspelt column',
    view(`x: f.mostFrequent('tarif').over('1d')`),
    `this fact has no column 'tarif'`,
  ],
  [
    'the most frequent value without a window',
    view(`x: f.mostFrequent('tariff')`),
    `view 'bad': feature 'x' is an aggregate without a window; add .over('7d'), .overLast(10) or .lifetime()`,
  ],
  [
    'a ratio of most frequent values',
    view(`x: f.ratio(f.mostFrequent('kwh'), f.count()).over('1d')`),
    `a ratio is of two sums, counts or distinct counts`,
  ],
  ['a misspelt column', view(`x: f.last('tarif')`), `this fact has no column 'tarif'`],
  [
    'a ratio of a mean',
    view(`x: f.ratio(f.mean('kwh'), f.count()).over('1d')`),
    `a ratio is of two sums, counts or distinct counts`,
  ],
  [
    'an aggregate without a window',
    view(`x: f.sum('kwh')`),
    `view 'bad': feature 'x' is an aggregate without a window; add .over('7d'), .overLast(10) or .lifetime()`,
  ],
  [
    'a label among features',
    view(`x: f.sum('kwh').ahead('1d')`),
    `view 'bad': feature 'x' looks ahead of t, so it is a label`,
  ],
  ['a sum of an expression of text', view(`x: f.sum((r) => r.tariff).over('1d')`), `'Valued<number | null>'`],
  [
    'a mean of a condition',
    view(`x: f.mean((r) => r.kwh.gt(1)).over('1d')`),
    `Type 'BooleanExpression<never>' is not assignable to type 'Valued<number | null>'`,
  ],
  [
    'a maximum of a condition',
    view(`x: f.max((r) => r.paid).over('1d')`),
    `Type 'BooleanExpression<never>' is not assignable to type 'Valued<Ordering | null>'`,
  ],
  [
    'an expression of a misspelt column',
    view(`x: f.sum((r) => r.kw.mul(2)).over('1d')`),
    `Property 'kw' does not exist`,
  ],
  [
    'an expression that multiplies texts',
    view(`x: f.sum((r) => r.kwh.mul(r.tariff)).over('1d')`),
    `is not assignable to parameter of type 'Operand<number>'`,
  ],
  [
    'a correlation with an expression of text',
    view(`x: f.correlation('kwh', (r) => r.tariff).over('1d')`),
    `is not assignable to type 'Valued<number | null>'`,
  ],
  [
    'a computed column with the name of another',
    `usage.with((r) => ({ tariff: r.kwh.mul(2) }))`,
    `this fact already has a column 'tariff'`,
  ],
  [
    'the event before of a misspelt column',
    view(`x: f.sum((r) => r.previous('kw')).over('1d')`),
    `this fact has no column 'kw'`,
  ],
  [
    'a sum of a text of the event before',
    view(`x: f.sum((r) => r.previous('tariff')).over('1d')`),
    `is not assignable to type 'Valued<number | null>'`,
  ],
  [
    'an increase of texts',
    view(`x: f.sum((r) => r.increase('tariff')).over('1d')`),
    `column 'tariff' of this fact is not a number, so it has no increase`,
  ],
  [
    'an increase of instants',
    `usage.with((r) => ({ x: r.increase('ts') }))`,
    `column 'ts' of this fact is not a number, so it has no increase`,
  ],
  [
    'days since the event before compared with a text',
    view(`x: f.count().where((r) => r.sincePrevious().gt('1d')).over('1d')`),
    `Argument of type 'string' is not assignable to parameter of type 'number | Valued<number | null>'`,
  ],
  [
    'the event before compared with another value',
    view(`x: f.count().where((r) => r.previous('tariff').eq('night')).over('1d')`),
    `Argument of type '"night"' is not assignable`,
  ],
  [
    'an event before in derive',
    view(`x: f.age()`, `, derive: (v) => ({ y: v.sincePrevious() })`),
    `Property 'sincePrevious' does not exist`,
  ],
  ['a computed column of a misspelt one', `usage.with((r) => ({ x: r.kw.mul(2) }))`, `Property 'kw' does not exist`],
  [
    'a computed column that is no expression',
    `usage.with(() => ({ x: 3 }))`,
    `is not assignable to type 'Valued<unknown>'`,
  ],
  [
    'a sum of a computed text',
    `featureView('bad', { of: customer, from: usage.with((r) => ({ t: caseWhen(r.paid, 'a').otherwise('b') })), every: '1d', ` +
      `features: (f) => ({ x: f.sum('t').over('1d') }) })`,
    `column 't' of this fact is not a number, so it cannot be summed`,
  ],
  [
    'a computed column as a key',
    `featureView('bad', { of: site, from: usage.with((r) => ({ site_id: r.kwh.mul(2) })), every: '1d', ` +
      `features: (f) => ({ x: f.age() }) })`,
    `entity 'site' is not one that this fact describes`,
  ],
  [
    'bands of a text',
    view(`x: f.last('tariff')`, `, derive: (v) => ({ y: bands(v.x, { low: 0 }) })`),
    `bands() are of a number, which this is not`,
  ],
  [
    'days to a number',
    view(`x: f.count().lifetime()`, `, derive: (v) => ({ y: days(T, v.x) })`),
    `days() is between instants or dates, which this is not`,
  ],
  [
    'the rank of a text',
    view(`x: f.last('tariff')`, `, among: (v, everybody) => ({ y: everybody.rank(v.x) })`),
    `only numbers stand among others, and this is not one`,
  ],
  [
    'a standing named as a feature',
    view(`x: f.age()`, `, among: (v, everybody) => ({ x: everybody.rank(v.x) })`),
    `view 'bad' would have two columns named 'x'`,
  ],
  [
    'an expression among standings',
    view(`x: f.age()`, `, among: (v) => ({ y: v.x.add(1) })`),
    `view 'bad': 'y' of among is not a standing; write everybody.rank(v.kwh_7d), or the like`,
  ],
  ['a number among features', view(`x: 3`), `view 'bad': feature 'x' is not a feature`],
  [
    'a population of another entity',
    `featureView('bad', { of: customer, from: usage, every: '1d', population: places, features: (f) => ({ x: f.age() }) })`,
    `this dimension describes entity 'site', not entity 'customer'`,
  ],
  ['a window that is no duration', view(`x: f.count().over('7 days')`), '`${number}d`'],
  [
    'a window with a dot',
    view(`x: f.count().over('1.5d')`),
    `window '1.5d' would put a dot into a name; write it in a smaller unit`,
  ],
  [
    'a window of one and a half local days',
    view(`x: f.count().overDays(1.5)`),
    `1.5 is not a whole number of days, at least 1`,
  ],
  ['a window of no local weeks', view(`x: f.count().overWeeks(2, 0)`), `0 is not a whole number of weeks, at least 1`],
  [
    'a window of local months ahead',
    view(`x: f.count().overMonths(-1)`),
    `-1 is not a whole number of months, at least 1`,
  ],
  [
    'a shift by half a local day',
    view(`x: f.count().overDays(1).shift(0.5)`),
    `0.5 is not a whole number of units, at least 1`,
  ],
  [
    'a fortnight to date',
    view(`x: f.count().toDate('fortnight')`),
    `there is no unit 'fortnight'; there are day, week, month, quarter and year`,
  ],
  [
    'the previous decade',
    view(`x: f.count().previous('month', 'decade')`),
    `there is no unit 'decade'; there are day, week, month, quarter and year`,
  ],
  [
    'a window of local days named like another feature',
    view(`kwh: f.sum('kwh').overDays(1), kwh_1day: f.age()`),
    `view 'bad' would have two columns named 'kwh_1day'`,
  ],
  [
    'a feature derived from a window of local days in the singular',
    view(`kwh: f.sum('kwh').overDays(7)`, `, derive: (v) => ({ x: v.kwh_7day.div(7) })`),
    `Property 'kwh_7day' does not exist`,
  ],
  [
    'a sum since an event of another entity',
    view(`x: f.sum('kwh').since(inspection)`),
    `view 'bad': feature 'x' is counted from events that do not describe its entity`,
  ],
  [
    'the age of an event of another entity',
    view(`x: f.age(inspection)`),
    `this event is one of entity 'site', not of entity 'customer'`,
  ],
  [
    'a sum since a fact',
    view(`x: f.sum('kwh').since(services)`),
    `since() takes an event, like event('service', services)`,
  ],
  ['a sum since nothing', view(`x: f.sum('kwh').since()`), `Expected 1-2 arguments, but got 0`],
  [
    'a sum since an event that is otherwise zero',
    view(`x: f.sum('kwh').since(service, { otherwise: 'zero' })`),
    `Type '"zero"' is not assignable to type '"lifetime"'`,
  ],
  ['an event of a dimension', `event('move', history)`, `Type '"dimension"' is not assignable to type '"fact"'`],
  [
    'an event with a misspelt column in its condition',
    `event('service', services, { where: (r) => r.kin.eq('major') })`,
    `Property 'kin' does not exist`,
  ],
  [
    'an event whose condition is no condition',
    `event('service', services, { where: (r) => r.kind })`,
    `is not assignable to type 'Valued<boolean | null>'`,
  ],
  [
    'a feature derived from a sum since an event of another name',
    view(`kwh: f.sum('kwh').since(service)`, `, derive: (v) => ({ x: v.kwh_since_repair.div(7) })`),
    `Property 'kwh_since_repair' does not exist`,
  ],
  [
    'a sum along a text',
    view(`x: f.sum('kwh').along('tariff', 250)`),
    `column 'tariff' of this fact is not a number, so it is no meter`,
  ],
  ['a sum along a misspelt meter', view(`x: f.sum('kwh').along('kw', 250)`), `this fact has no column 'kw'`],
  [
    'a sum along half a unit of a meter',
    view(`x: f.sum('kwh').along('kwh', 0.5)`),
    `0.5 is not a whole distance of the meter, at least 1`,
  ],
  ['a sum along a meter without a distance', view(`x: f.sum('kwh').along('kwh')`), `Expected at least 2 arguments`],
  [
    'a feature derived from a sum along another distance',
    view(`x: f.sum('kwh').along('kwh', 250)`, `, derive: (v) => ({ y: v.x_25_kwh.div(7) })`),
    `Property 'x_25_kwh' does not exist`,
  ],
  [
    'two features of one name',
    view(`kwh: f.sum('kwh').over('1d'), kwh_1d: f.age()`),
    `view 'bad' would have two columns named 'kwh_1d'`,
  ],
  ['a feature named like a key', view(`customer_id: f.age()`), `view 'bad' would have two columns named 'customer_id'`],
  [
    'a derived feature named like another',
    view(`idle: f.age()`, `, derive: (v) => ({ idle: v.idle.add(1) })`),
    `view 'bad' would have two columns named 'idle'`,
  ],
  [
    'a derived feature of a misspelt one',
    view(`idle: f.age()`, `, derive: (v) => ({ x: v.idl.add(1) })`),
    `Property 'idl' does not exist`,
  ],
  [
    'a number added to a text',
    view(`idle: f.age(), t: f.last('tariff')`, `, derive: (v) => ({ x: v.idle.add(v.t) })`),
    `is not assignable to parameter of type 'Operand<number>'`,
  ],
  [
    'an enum compared with another value',
    view(`x: f.count().where((r) => r.tariff.eq('night')).over('1d')`),
    `Argument of type '"night"' is not assignable to parameter of type '"off" | "peak" | Valued<string | null>'`,
  ],
  [
    'a number compared with a text',
    view(`x: f.count().where((r) => r.kwh.gt('3')).over('1d')`),
    `Argument of type 'string' is not assignable to parameter of type 'number | Valued<number | null>'`,
  ],
  [
    'a where that is no condition',
    view(`x: f.count().where((r) => r.kwh).over('1d')`),
    `is not assignable to type 'Valued<boolean | null>'`,
  ],
  [
    'a dimension without history',
    view(`x: f.attribute(current, 'tariff')`),
    `this dimension keeps no history, so it leaks the present into the past; give it validFrom, or ` +
      `accept that with { withoutHistory: 'allow' }`,
  ],
  [
    'a dimension of another entity',
    view(`x: f.attribute(places, 'region')`),
    `this dimension describes entity 'site', not entity 'customer'`,
  ],
  ['a misspelt attribute', view(`x: f.attribute(history, 'colour')`), `this dimension has no column 'colour'`],
  [
    'a dimension view without history',
    `featureView('bad', { of: customer, from: current, every: '1d', features: (f) => ({ tariff: f.attribute('tariff') }) })`,
    'this dimension keeps no history',
  ],
  [
    'a misspelt precomputed column',
    `featureView('bad', { of: customer, from: scores, every: '1d', features: (f) => ({ x: f.column('scoer') }) })`,
    `this table has no column 'scoer'`,
  ],
  [
    'an entity that the fact lacks',
    `featureView('bad', { of: site, from: usage, every: '1d', features: (f) => ({ x: f.age() }) })`,
    `entity 'site' is not one that this fact describes`,
  ],
  [
    'a view without its entity',
    `featureView('bad', { from: usage, every: '1d', features: (f) => ({ x: f.age() }) })`,
    `view 'bad' reads a fact, so it must say which entity it is of`,
  ],
  [
    'an aggregate in a calendar',
    `featureView('bad', { every: '1d', features: (f) => ({ x: f.count() }) })`,
    `Property 'count' does not exist on type 'CalendarBuilder'`,
  ],
  [
    'a fact without a key column',
    `fact('t', { columns: { customer_id: z.string(), ts: z.date() }, entities: [customer, site], eventTime: 'ts' })`,
    `this table lacks column 'site_id', a key of entity 'site'`,
  ],
  [
    'a misspelt column for a key',
    `fact('t', { columns: { cust_no: z.string(), ts: z.date() }, entities: [customer.from({ customer_id: 'cust_nr' })], eventTime: 'ts' })`,
    `this table has no column 'cust_nr' for a key of entity 'customer'`,
  ],
  [
    'a column for a key that the entity does not have',
    `dimension('t', { columns: { cust_no: z.string() }, entity: customer.from({ customer: 'cust_no' }) })`,
    `'customer' does not exist in type 'KeyNames<`,
  ],
  [
    'a column of another type for a key',
    `dimension('t', { columns: { cust_no: z.int() }, entity: customer.from({ customer_id: 'cust_no' }) })`,
    `column 'cust_no' is not of the type that entity 'customer' gives its key`,
  ],
  [
    'a view of an entity that only another table of the fact has, under another name',
    `featureView('bad', { of: site, from: fact('t', { columns: { no: z.string(), ts: z.date() }, ` +
      `entities: [customer.from({ customer_id: 'no' })], eventTime: 'ts' }), every: '1d', features: (f) => ({ x: f.age() }) })`,
    `entity 'site' is not one that this fact describes`,
  ],
  [
    'a key column of another type',
    `fact('t', { columns: { customer_id: z.int(), ts: z.date() }, entities: [customer], eventTime: 'ts' })`,
    `column 'customer_id' is not of the type that entity 'customer' gives it`,
  ],
  [
    'an event time that is no instant',
    `fact('t', { columns: { customer_id: z.string(), ts: z.date() }, entities: [customer], eventTime: 'customer_id' })`,
    `Type '"customer_id"' is not assignable to type '"ts"'`,
  ],
  [
    'a dimension without a key column',
    `dimension('t', { columns: { customer_id: z.string() }, entity: site })`,
    `this table lacks column 'site_id', a key of entity 'site'`,
  ],
  [
    'a label of another entity',
    `label('bad', { of: site, from: usage, value: (f) => f.count().ahead('1d') })`,
    `entity 'site' is not one of the entities of this fact`,
  ],
  [
    'a happening of another entity',
    `label('bad', { of: site, value: happens(usage).within('1d') })`,
    `entity 'site' is not one of the entities of this fact`,
  ],
  [
    'a class of a misspelt column',
    `label('bad', { of: customer, value: next(usage, 'tarif').within('1d') })`,
    `this fact has no column 'tarif'`,
  ],
  [
    'a class of a number',
    `label('bad', { of: customer, value: next(usage, 'kwh').within('1d') })`,
    `column 'kwh' of this fact is not a text, so it has no classes`,
  ],
  [
    'a class of a column that says none',
    `next(fact('mart.f', { columns: { customer_id: z.string(), at: z.date(), kind: z.enum(['none', 'a']) },
      entities: [customer], eventTime: 'at' }), 'kind')`,
    `column 'kind' has a value 'none', which stands for no fact at all`,
  ],
  [
    'a class of another entity',
    `label('bad', { of: site, value: next(usage, 'tariff').within('1d') })`,
    `entity 'site' is not one of the entities of this fact`,
  ],
  [
    'days to a fact of another entity',
    `label('bad', { of: site, value: timeTo(usage).within('1d') })`,
    `entity 'site' is not one of the entities of this fact`,
  ],
  [
    'days to a fact without a unit',
    `label('bad', { of: customer, value: timeTo(usage).within('30') })`,
    `Argument of type '"30"' is not assignable`,
  ],
  [
    'half a step',
    `label('bad', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(2.5) })`,
    `2.5 is not a whole number of steps, at least 1`,
  ],
  [
    'no steps',
    `label('bad', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(0) })`,
    `0 is not a whole number of steps, at least 1`,
  ],
  [
    'thousands of steps',
    `label('bad', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(8760) })`,
    `a label has at most 200 steps, not 8760`,
  ],
  [
    'steps among features',
    view(`x: f.sum('kwh').ahead('1d').steps(2)`),
    `feature 'x' looks ahead of t, so it is a label`,
  ],
  [
    'steps without a window',
    `label('bad', { of: customer, from: usage, value: (f) => f.count().steps(2) })`,
    `Property 'steps' does not exist`,
  ],
  [
    'a feature picked that is not there',
    `${view('idle: f.age()')}.pick('idel')`,
    `Argument of type '"idel"' is not assignable to parameter of type '"idle"'`,
  ],
  [
    'an on-demand feature of a misspelt feature',
    computed(`derive: (v, r) => ({ x: v.use__kw_7d.div(r.km) })`),
    `Property 'use__kw_7d' does not exist`,
  ],
  [
    'an on-demand feature of a misspelt value of the request',
    computed(`derive: (v, r) => ({ x: r.kms.mul(2) })`),
    `Property 'kms' does not exist`,
  ],
  [
    'an on-demand feature that divides by a text',
    computed(`derive: (v, r) => ({ x: r.km.div(v.use__tariff) })`),
    `is not assignable to parameter of type 'Operand<number>'`,
  ],
  [
    'an on-demand feature that compares an instant with a number',
    computed(`derive: (v, r) => ({ x: r.at.lt(3) })`),
    `Argument of type 'number' is not assignable to parameter of type`,
  ],
  [
    'an on-demand feature that is no expression',
    computed(`derive: (v, r) => ({ x: 3 })`),
    `Type 'number' is not assignable to type 'Valued<unknown>'`,
  ],
  [
    'an on-demand feature with the name of a view that it reads',
    `onDemand('use', { of: [use], request: ride, derive: (v, r) => ({ x: r.km }) })`,
    `on-demand feature 'use' has the name of a view that it reads`,
  ],
  [
    'a value of a request that is named like a key',
    `onDemand('x', { of: [use], request: request({ customer_id: z.string() }), derive: (v, r) => ({ x: r.customer_id }) })`,
    `on-demand feature 'x': the request has a value named like key column 'customer_id'`,
  ],
  [
    'a request that is a plain object',
    computed(`derive: (v, r) => ({ x: r.km })`, `{ km: z.number() }`),
    `'RequestValues<`,
  ],
  ['a request of something that is no schema', `request({ km: 'number' })`, `Type 'string' is not assignable to type`],
  [
    'a function without a version',
    computed(`output: { x: z.number() }, compute: ({ request: r }) => ({ x: r.km })`),
    `Property 'version' is missing`,
  ],
  [
    'a function that gives another type than its output',
    computed(`version: '1', output: { x: z.number() }, compute: () => ({ x: 'much' })`),
    `Type 'string' is not assignable to type 'number'`,
  ],
  [
    'a function that forgets a value',
    computed(`version: '1', output: { x: z.number(), y: z.number() }, compute: ({ request: r }) => ({ x: r.km })`),
    `Property 'y' is missing`,
  ],
  [
    'a function that takes a feature for present',
    computed(`version: '1', output: { x: z.number() }, compute: ({ features }) => ({ x: features.use__kwh_7d * 2 })`),
    `'features.use__kwh_7d' is possibly 'null'`,
  ],
  [
    'a function that is asynchronous',
    computed(`version: '1', output: { x: z.number() }, compute: async ({ request: r }) => ({ x: r.km })`),
    `is missing in type 'Promise<`,
  ],
  [
    'a pick of what is not computed',
    `featureService('s', [perKm.pick('shares')])`,
    `'"shares"' is not assignable to parameter`,
  ],
  [
    'a request among the parts of a service',
    `featureService('s', [use, ride])`,
    `is not assignable to type 'ServicePart'`,
  ],
  ['a misspelt feature of another view', over('x: v.kwh_8d'), `Property 'kwh_8d' does not exist`],
  [
    'a feature of several views without its view',
    over('x: v.kwh_7d', '[use, scored]'),
    `Property 'kwh_7d' does not exist`,
  ],
  [
    'a feature of another view that was not picked',
    over('x: v.tariff', `use.pick('kwh_7d')`),
    `Property 'tariff' does not exist`,
  ],
  ['arithmetic with a text of another view', over('x: v.tariff.mul(2)'), `Property 'mul' does not exist`],
  [
    'a comparison with a value that a text of another view never has',
    over(`x: v.tariff.eq('night')`),
    `Argument of type '"night"' is not assignable to parameter of type '"off" | "peak"`,
  ],
  ['bands of a text of another view', over('x: bands(v.tariff, { low: 0 })'), `is not assignable to parameter of type`],
  [
    'an aggregate over other views',
    over(`x: f.sum('kwh').over('7d')`),
    `Property 'sum' does not exist on type 'ViewsBuilder`,
  ],
  ['a number instead of a feature', over('x: 1'), `view 'bad': feature 'x' is not a feature`],
  ['a standing among features', over('x: v.kwh_7d, x_: v', 'use'), `view 'bad': feature 'x_' is not a feature`],
  [
    'an attribute of another entity beside other views',
    over(`x: f.attribute(places, 'region')`),
    `this dimension describes entity 'site', not entity 'customer'`,
  ],
  [
    'an attribute without history beside other views',
    over(`x: f.attribute(current, 'tariff')`),
    `this dimension keeps no history, so it leaks the present into the past`,
  ],
  [
    'a view over one of another entity',
    `featureView('bad', { of: site, from: use, every: '1d', features: (v) => ({ x: v.kwh_7d }) })`,
    `view 'use' is of entity 'customer', not of entity 'site'`,
  ],
  [
    'a view over several, one of another entity',
    over('x: v.use__kwh_7d', '[use, regions]'),
    `view 'regions' is of entity 'site', not of entity 'customer'`,
  ],
  [
    'a view over a calendar',
    over('x: v.use__kwh_7d', '[use, months]'),
    `view 'months' is a calendar, the same for everybody; take parts of T with f.calendar() instead`,
  ],
  [
    'a view over others that does not say of what',
    `featureView('bad', { from: use, every: '1d', features: (v) => ({ x: v.kwh_7d }) })`,
    `view 'bad' reads other views, so it must say which entity it is of`,
  ],
  ['a view over a view and a fact', over('x: v.use__kwh_7d', '[use, usage]'), `is not assignable to type`],
  [
    'two features of one name over other views',
    over('x: v.kwh_7d', 'use', ', derive: (v) => ({ x: v.x })'),
    `view 'bad' would have two columns named 'x'`,
  ],
  [
    'a feature that takes the name of a key, over other views',
    over('customer_id: v.kwh_7d'),
    `view 'bad' would have two columns named 'customer_id'`,
  ],
  [
    'a rank of a text of another view',
    over('x: v.tariff', 'use', ', among: (v, e) => ({ y: e.rank(v.x) })'),
    `only numbers stand among others, and this is not one`,
  ],
  ...mistakesInServices,
]

/** Definitions that are right, which the wrong ones are made from. */
const right = `import { z } from 'zod'
    import { bands, caseWhen, days, dimension, entity, event, fact, featureService, featureView, happens } from '@martlet/feature-store'
    import { everyGrid, label, next, onDemand, precomputed, request, T, timeTo, whenever } from '@martlet/feature-store'
    import type { EntityKeyOf } from '@martlet/feature-store'
    void [bands, caseWhen, days, everyGrid, happens, label, next, T, timeTo, whenever]
    export const customer = entity('customer', { customer_id: z.string() })
    export const site = entity('site', { site_id: z.int() })
    export const usage = fact('mart.usage', {
      columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), tariff: z.enum(['peak', 'off']), paid: z.boolean() },
      entities: [customer], eventTime: 'ts',
    })
    export const history = dimension('mart.dim', { columns: { customer_id: z.string(), tariff: z.string(),
      since: z.date() }, entity: customer, validFrom: 'since' })
    export const current = dimension('mart.dim_now', { columns: { customer_id: z.string(), tariff: z.string() }, entity: customer })
    export const places = dimension('mart.dim_site', { columns: { site_id: z.int(), region: z.string(),
      since: z.date() }, entity: site, validFrom: 'since' })
    export const scores = precomputed('mart.scores', { columns: { customer_id: z.string(), at: z.date(),
      score: z.number() }, entity: customer, time: 'at' })
    export const renamed = fact('mart.orders', { columns: { no: z.string(), site_no: z.int(), ts: z.date() },
      entities: [customer.from({ customer_id: 'no' }), site.from({ site_id: 'site_no' })], eventTime: 'ts' })
    export const byRenamed = featureView('by_renamed', { of: customer, from: renamed, every: '1d',
      features: (f) => ({ quiet: f.age() }) })
    export const services = fact('mart.services', { columns: { customer_id: z.string(), at: z.date(), kind: z.string() },
      entities: [customer], eventTime: 'at' })
    export const service = event('service', services, { where: (r) => r.kind.eq('major') })
    export const inspection = event('inspection', fact('mart.inspections', { columns: { site_id: z.int(), at: z.date() },
      entities: [site], eventTime: 'at' }))
    export const sinceService = featureView('since_service', { of: customer, from: usage, every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').since(service), age: f.age(service) }),
      derive: (v) => ({ daily: v.kwh_since_service.div(v.age) }) })
    export const use = featureView('use', { of: customer, from: usage, every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').over('7d'), tariff: f.last('tariff') }) })
    export const scored = featureView('scored', { of: customer, from: scores, every: '1d',
      features: (f) => ({ score: f.column('score') }) })
    export const regions = featureView('regions', { of: site, from: places, every: '1d',
      features: (f) => ({ region: f.attribute('region') }) })
    export const months = featureView('months', { every: '1d', features: (f) => ({ month: f.calendar('month') }) })
    export const overUse = featureView('over_use', { of: customer, from: use, every: '1d',
      features: (v, f) => ({ kwh: v.kwh_7d, peak: v.tariff.eq('peak'), tariff: f.attribute(history, 'tariff') }),
      derive: (v) => ({ twice: v.kwh.mul(2) }), among: (v, everybody) => ({ tier: everybody.ntile(v.twice, 4) }) })
    export const overTwo = featureView('over_two', { of: customer, from: [overUse, scored], every: '1d',
      features: (v) => ({ score: v.scored__score.mul(v.over_use__tier) }) })
    export const visits = fact('mart.visits', { columns: { site_id: z.int(), no: z.int(), customer_id: z.string(), at: z.date() },
      entities: [site, entity('meter', { site_id: z.int(), no: z.int() })], eventTime: 'at' })
    export const bySite = featureView('by_site', { of: site, from: visits, every: '1d',
      features: (f) => ({ newest: f.last('customer_id'), visits: f.count().over('1d') }) })
    export const byMeter = featureView('by_meter', { of: entity('meter', { site_id: z.int(), no: z.int() }), from: visits,
      every: '1d', features: (f) => ({ visits: f.count().over('1d') }) })
    export const lookedUp = featureService('looked_up', [use.via(bySite, 'newest')])
    export const createKey = <S>(key: EntityKeyOf<S>): EntityKeyOf<S> => key
    export const ride = request({ km: z.number(), seats: z.int().optional(), at: z.date().nullable() })
    export const perKm = onDemand('per_km', { of: [use], request: ride,
      derive: (v, r) => ({ share: v.use__kwh_7d.div(r.km), many: r.seats.gt(4) }) })
    export const priced = onDemand('priced', { of: [use.pick('kwh_7d')], request: ride, version: '1',
      output: { euros: z.number().nullable(), seats: z.int() },
      compute: ({ features, request: r }) => ({ euros: features.use__kwh_7d, seats: r.seats ?? 1 }) })`

export const definitionMistakes: Mistakes = { subject: 'definitions', right, mistakes }
