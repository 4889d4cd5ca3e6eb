import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { entity, event, fact, featureView, intervals, label } from '../../src/index.ts'
import { viewLineage } from '../../src/catalog/lineage.ts'
import { momentTableOf } from '../../src/compile/tiles/view-moments.ts'
import { lookback } from '../../src/materialize/lookback.ts'
import { labelPlan, viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { refusal, untyped } from './invalid.ts'

const machine = entity('machine', { machine_id: z.string() })
const columns = { machine_id: z.string(), began: z.date(), ended: z.date().nullable(), kwh: z.number() }
const source = { columns, entities: [machine], start: 'began', end: 'ended' } as const
const shifts = intervals('mart.shifts', source)
const readings = fact('mart.shifts', { columns, entities: [machine], eventTime: 'began' })
const daily = { of: machine, every: '1d' } as const
const view = featureView('v', {
  ...daily,
  from: shifts,
  features: (f) => ({
    busy: f.overlap().over('7d'),
    used: f
      .overlap({ union: true })
      .where((r) => r.kwh.gt(1))
      .overDays(1),
    n: f.count().open(),
    kwh: f.sum('kwh').over('7d'),
  }),
})

describe('intervals', () => {
  test('are in words, in stored plans and in lineage', () => {
    expect(view.plan.features.map(featureText)).toEqual([
      'overlap(*) over 7d',
      'overlap(*, union where (kwh > 1)) over the last local day',
      'count(*) over what is open',
      'sum(kwh) over 7d',
    ])
    expect(viewPlan.parse(JSON.parse(JSON.stringify(view.plan)))).toEqual(view.plan)
    const { plan } = label('busy', { of: machine, from: shifts, value: (f) => f.overlap().ahead('7d') })
    expect(labelPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    const inputs = viewLineage(view.plan).filter(({ to_name }) => to_name === 'v.busy_7d')
    expect(inputs.map(({ from_name }) => from_name)).toEqual(['mart.shifts.began', 'mart.shifts.ended'])
  })

  test('have a hash that covers their end', () => {
    const hashOf = (from: typeof readings) =>
      featureView('v', { ...daily, from, features: (f) => ({ n: f.count().over('1d') }) }).plan.hash
    expect(hashOf(untyped(shifts))).not.toBe(hashOf(readings))
  })

  test('may have begun long ago, and leave tiles as they are when they end', () => {
    expect(lookback(view.plan)).toBeNull()
    expect(momentTableOf(view.plan)?.checked).toEqual(['kwh'])
  })

  const place = `fact 'mart.shifts'`
  const made = (spec: object) =>
    refusal(() => Reflect.apply(intervals, undefined, ['mart.shifts', { ...source, ...spec }]))
  const feature = (features: (f: never) => unknown, from: object = shifts) =>
    refusal(() => Reflect.apply(featureView, undefined, ['bad', { ...daily, from, features }]))
  interface Loose {
    (...given: readonly unknown[]): Loose
    readonly overlap: Loose
    readonly count: Loose
    readonly last: Loose
    readonly ratio: Loose
    readonly over: Loose
    readonly overLast: Loose
    readonly along: Loose
    readonly open: Loose
    readonly by: Loose
    readonly where: Loose
    readonly with: Loose
    readonly ended: Loose
    readonly isNull: Loose
  }
  const noEnd = `is of intervals; declare 'mart.shifts' with intervals(…, { start, end })`
  test.each([
    ['a start that is not there', () => made({ start: 'begun' }), `${place}: start 'begun' is not one of its columns`],
    ['an end that is not there', () => made({ end: 'finished' }), `${place}: end 'finished' is not one of its columns`],
    ['an end that is no time', () => made({ end: 'kwh' }), `${place}: end 'kwh' is double; it must be timestamp`],
    ['no end', () => made({ end: undefined }), `${place}: end 'undefined' is not one of its columns`],
    ['an end that is the start', () => made({ end: 'began' }), `${place}: start and end are the same column, 'began'`],
    [
      'a sequence by the end',
      () => made({ sequence: 'ended' }),
      `${place}: sequence cannot be the end, 'ended', which is not known before it`,
    ],
    [
      'the end as a key',
      () => made({ entities: [machine, entity('moment', { ended: z.date() })] }),
      `${place}: the end, 'ended', cannot be a key of entity 'moment'`,
    ],
    [
      'an overlap of events',
      () => feature((f: Loose) => ({ x: f.overlap().over('7d') }), readings),
      `view 'bad', feature 'x': overlap() ${noEnd}`,
    ],
    [
      'what is open of events',
      () => feature((f: Loose) => ({ x: f.count().open() }), readings),
      `view 'bad', feature 'x': open() ${noEnd}`,
    ],
    [
      'what is open of a pivot of events',
      () => feature((f: Loose) => ({ x: f.count().by('machine_id', ['a']).open() }), readings),
      `view 'bad', feature 'x': open() ${noEnd}`,
    ],
    [
      'an overlap over rows',
      () => feature((f: Loose) => ({ x: f.overlap().overLast(3) })),
      `view 'bad', feature 'x': overlap() is over a window of time, such as .over('7d'), and not over the last 3 rows`,
    ],
    [
      'an overlap along a meter',
      () => feature((f: Loose) => ({ x: f.overlap().along('kwh', 3) })),
      `overlap() is over a window of time, such as .over('7d'), and not along the last 3 of kwh`,
    ],
    [
      'an overlap of what is open',
      () => feature((f: Loose) => ({ x: f.overlap().open() })),
      `overlap() is over a window of time, such as .over('7d'), and not over what is open`,
    ],
    [
      'a ratio of overlaps',
      () => feature((f: Loose) => ({ x: f.ratio(f.overlap(), f.count()).over('7d') })),
      `a ratio is of two sums, counts or distinct counts, not of overlap; divide in derive`,
    ],
    [
      'a misspelt option',
      () => feature((f: Loose) => ({ x: f.overlap({ unite: true }).over('7d') })),
      `view 'bad', feature 'x': overlap takes { union: true }, or nothing`,
    ],
    [
      'an option of another type',
      () => feature((f: Loose) => ({ x: f.overlap({ union: 'yes' }).over('7d') })),
      `view 'bad', feature 'x': union of overlap is true or false`,
    ],
    [
      'the end as a column',
      () => feature((f: Loose) => ({ x: f.last('ended') })),
      `view 'bad', feature 'x': this fact has no column 'ended'; it has machine_id, began, kwh`,
    ],
    [
      'the end in a condition',
      () =>
        feature((f: Loose) => ({
          x: f
            .count()
            .where((r: Loose) => r.ended.isNull())
            .over('1d'),
        })),
      `its where is wrong: there is no column 'ended'; there are: machine_id, began, kwh`,
    ],
    [
      'a computed column in place of the end',
      () => refusal(() => Reflect.apply(shifts.with, shifts, [(r: { kwh: unknown }) => ({ ended: r.kwh })])),
      `${place}, column 'ended': this fact already has a column 'ended'`,
    ],
    [
      'an anchor by its end',
      () => {
        const shift = event('shift', untyped(shifts), {
          where: untyped((r: Loose) => r.ended.isNull()),
        })
        return feature((f: Loose) => ({ x: f.count().over('1d'), y: Reflect.apply(Reflect.get(f, 'age'), f, [shift]) }))
      },
      `there is no column 'ended'`,
    ],
  ])('refuses %s', (_, refused, says) => {
    expect(refused()).toContain(says)
  })
})
