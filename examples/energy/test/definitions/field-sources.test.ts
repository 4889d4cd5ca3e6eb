import { expect, test } from 'vitest'
import { fieldSources } from '@martlet/feature-store'
import { energyDefinitions } from '../../src/definitions/next-day.ts'

const sources = fieldSources(energyDefinitions('Europe/Zurich').customerCard.plan)
const usage = 'mart.fact_energy_usage'

test('a field is traced to the columns of tables that its value is computed from, without keys and times', () => {
  expect(sources.get('customer_usage__mean_28d')).toEqual([{ table: usage, columns: ['consumption_kwh'], level: true }])
  expect(sources.get('customer_usage__trend_28d')).toEqual([{ table: usage, columns: ['consumption_kwh'] }])
  expect(sources.get('customer_usage__unit_cost_28d')).toEqual([{ table: usage, columns: ['consumption_kwh', 'cost'] }])
  expect(sources.get('customer_usage__readings_7d')).toEqual([{ table: usage, columns: [] }])
  expect(sources.get('customer_usage__holiday')?.[0]?.columns).toEqual(['name'])
})

test('through other features of the row, and not beyond the calendar', () => {
  expect(sources.get('customer_usage__momentum')).toEqual([{ table: usage, columns: ['consumption_kwh'] }])
  expect(sources.get('customer_usage__fifth')).toEqual([{ table: usage, columns: ['consumption_kwh'] }])
  expect(sources.get('customer_usage__holiday_level')).toHaveLength(2)
  expect(sources.get('calendar__month')).toEqual([])
})
