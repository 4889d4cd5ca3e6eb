import {
  buildTrainingSet,
  dimension,
  entity,
  event,
  everyGrid,
  fact,
  featureService,
  featureView,
  happens,
  label,
} from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { numbersOf, textsOf } from '../src/model/feature-matrix.ts'
import { auc } from '../src/model/judge.ts'
import { logistic } from '../src/model/loss.ts'
import { parquet } from './shared-data.ts'
import { fitSet, meansOf, tested, type Parts, type Trial, type Verdict } from './trial.ts'

const machine = entity('machine', { machine_id: z.int() })
const of = { entities: [machine], eventTime: 'ts' } as const
const ERRORS = ['error1', 'error2', 'error3', 'error4', 'error5'] as const
const PARTS = ['comp1', 'comp2', 'comp3', 'comp4'] as const
const errors = fact('mart.errors', { ...of, columns: { machine_id: z.int(), ts: z.date(), error_id: z.enum(ERRORS) } })
const failures = fact('mart.failures', {
  ...of,
  columns: { machine_id: z.int(), ts: z.date(), failure: z.enum(PARTS) },
})
const services = fact('mart.services', { ...of, columns: { machine_id: z.int(), ts: z.date(), comp: z.enum(PARTS) } })
const machines = dimension('mart.machines', {
  columns: { machine_id: z.int(), model: z.string(), age_years: z.int(), since: z.date() },
  entity: machine,
  validFrom: 'since',
})

const profile = featureView('profile', {
  of: machine,
  from: machines,
  every: '1d',
  features: (f) => ({ model: f.attribute('model'), age_years: f.attribute('age_years') }),
  derive: (v) => ({
    is_model1: v.model.eq('model1'),
    is_model2: v.model.eq('model2'),
    is_model3: v.model.eq('model3'),
  }),
})
const errorsOf = featureView('errors', {
  of: machine,
  from: errors,
  population: machines,
  every: '1d',
  features: (f) => ({
    all: f.count().over('1d', '3d', '7d', '30d', '90d'),
    error1: f
      .count()
      .where((r) => r.error_id.eq('error1'))
      .over('1d', '3d', '30d'),
    error2: f
      .count()
      .where((r) => r.error_id.eq('error2'))
      .over('1d', '3d', '30d'),
    error3: f
      .count()
      .where((r) => r.error_id.eq('error3'))
      .over('1d', '3d', '30d'),
    error4: f
      .count()
      .where((r) => r.error_id.eq('error4'))
      .over('1d', '3d', '30d'),
    error5: f
      .count()
      .where((r) => r.error_id.eq('error5'))
      .over('1d', '3d', '30d'),
    age: f.age(),
  }),
})
const replaced = PARTS.map((part) => event(part, services, { where: (r) => r.comp.eq(part) }))
const [comp1, comp2, comp3, comp4] = replaced
if (comp1 === undefined || comp2 === undefined || comp3 === undefined || comp4 === undefined)
  throw new Error('four parts')
const wear = featureView('wear', {
  of: machine,
  from: services,
  population: machines,
  every: '1d',
  features: (f) => ({
    comp1: f.age(comp1),
    comp2: f.age(comp2),
    comp3: f.age(comp3),
    comp4: f.age(comp4),
    services: f.count().over('30d', '180d'),
  }),
  derive: (v) => ({ oldest: v.comp1.greatest(v.comp2).greatest(v.comp3).greatest(v.comp4) }),
})
const breakdowns = featureView('breakdowns', {
  of: machine,
  from: failures,
  population: machines,
  every: '1d',
  features: (f) => ({ failures: f.count().over('30d', '90d', '365d'), age: f.age() }),
})
const service = featureService('machines', [
  profile.pick('age_years', 'is_model1', 'is_model2', 'is_model3'),
  errorsOf,
  wear,
  breakdowns,
])

/** Does a machine fail within a fortnight, and within two days? Asked every day; months from October on judge. */
export const azure: Trial = {
  data: 'azure_pdm_logs',
  async run(warehouse, quick) {
    await load(warehouse)
    const verdicts: Verdict[] = []
    for (const within of ['14d', '48h'] as const) {
      const fails = label('fails', { of: machine, value: happens(failures).within(within) })
      const set = await buildTrainingSet({
        warehouse,
        service,
        spine: everyGrid({ of: errorsOf, from: '2015-02-01', to: '2016-01-01', every: quick ? '7d' : '1d' }),
        time: 'at',
        labels: [fails],
        asOf: new Date('2016-01-01'),
        split: { at: ['2015-08-01', '2015-10-01'] },
      })
      const fitted = await fitSet(
        set,
        'fails',
        (batch) => {
          const split = textsOf(batch, 'split')
          return (row) => split[row] as keyof Parts
        },
        { loss: logistic, minRows: 50, trees: quick ? 60 : 300 },
      )
      const age = numbersOf(fitted.batch, 'profile__age_years')
      verdicts.push({
        data: 'azure_pdm_logs',
        question: `a machine fails within ${within}`,
        trainRows: fitted.parts.train.length,
        testRows: fitted.parts.test.length,
        metric: 'AUC',
        model: auc(tested(fitted, fitted.predicted)),
        baseline: auc(tested(fitted, meansOf(fitted, [(row) => String(age[row])]))),
        against: 'failure rate by age',
      })
    }
    return verdicts
  },
}

async function load(warehouse: Warehouse): Promise<void> {
  const id = sql`CAST(machine_id AS BIGINT) AS machine_id`
  for (const [name, file] of [
    ['errors', 'errors'],
    ['failures', 'failures'],
    ['services', 'maint'],
  ] as const)
    await warehouse.run(
      sql`CREATE TABLE ${sql.id('mart', name)} AS SELECT * REPLACE (${id}) FROM ${parquet(`azure_pdm_logs/${file}.parquet`)}`,
    )
  await warehouse.run(sql`
    CREATE TABLE mart.machines AS SELECT ${id}, model, CAST(age_years AS BIGINT) AS age_years, TIMESTAMP '2014-01-01' AS since
    FROM ${parquet('azure_pdm_logs/machines.parquet')}`)
}
