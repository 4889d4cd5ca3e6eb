import { openDuckDb } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { deployEnergyMart, emptyEnergyMart } from '../../src/mart/deploy.ts'
import { holidayRows, type HolidayPlace } from '../../src/mart/holidays.ts'

const dayOf = (text: string): number => Date.parse(text) / 86_400_000

function holidays(place: HolidayPlace, year: number): readonly string[] {
  const [date, name] = holidayRows(place, dayOf(`${year}-01-01`), dayOf(`${year + 1}-01-01`)).columns
  if (date?.type !== 'date' || name?.type !== 'text') throw new Error('they are no dates and names')
  return Array.from(
    date.values,
    (day, i) => `${new Date(day * 86_400_000).toISOString().slice(5, 10)} ${name.values[i]}`,
  )
}

test('the holidays of Zurich in 2024', () => {
  expect(holidays('zurich', 2024)).toEqual([
    "01-01 New Year's Day",
    '03-29 Good Friday',
    '04-01 Easter Monday',
    '05-01 Labour Day',
    '05-09 Ascension Day',
    '05-20 Whit Monday',
    '08-01 National Day',
    '12-25 Christmas Day',
    "12-26 St Stephen's Day",
  ])
})

test('the off-peak days of American grids in 2017 and 2018: New Year of 2017 was a Sunday', () => {
  expect(holidays('unitedStates', 2017)).toEqual([
    "01-02 New Year's Day",
    '05-29 Memorial Day',
    '07-04 Independence Day',
    '09-04 Labor Day',
    '11-23 Thanksgiving Day',
    '12-25 Christmas Day',
  ])
  expect(holidays('unitedStates', 2018).slice(0, 2)).toEqual(["01-01 New Year's Day", '05-28 Memorial Day'])
})

test('Easter Mondays that are known, of the earliest, the latest and the two that the cycle shortens', () => {
  const easterMonday = (year: number): string | undefined =>
    holidays('zurich', year)
      .find((text) => text.endsWith('Easter Monday'))
      ?.slice(0, 5)
  const known = {
    1818: '03-23',
    1943: '04-26',
    1954: '04-19',
    1981: '04-20',
    2000: '04-24',
    2018: '04-02',
    2025: '04-21',
  }
  for (const [year, date] of Object.entries(known)) expect([year, easterMonday(Number(year))]).toEqual([year, date])
})

test('centuries of holidays fit into the table, each date once', async () => {
  await using warehouse = await openDuckDb()
  await deployEnergyMart(warehouse)
  for (const place of ['zurich', 'unitedStates'] as const) {
    const rows = holidayRows(place, dayOf('1900-01-01'), dayOf('2200-01-01'))
    await emptyEnergyMart(warehouse)
    expect(await warehouse.append('mart.dim_holiday', rows)).toBe(rows.rows)
  }
})
