import { rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listQualityResults } from '../../src/quality/store-results.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { label } from '../../src/define/label.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { checkLabel } from '../../src/quality/check-view.ts'
import { findingText } from '../../src/quality/finding.ts'
import { inPlace } from '../materialize/in-place.ts'
import { fillTable } from './filled-table.ts'

const customer = entity('customer', { customer_id: z.string() })
const orders = fact('mart.orders', {
  columns: { customer_id: z.string(), order_id: z.string(), at: z.date() },
  entities: [customer],
  eventTime: 'at',
  checks: (c) => ({
    one_row_per_order: c.unique('order_id', { severity: 'error' }),
    few: c.aggregate((f) => f.count(), { atMost: 2, severity: 'off' }),
  }),
})
const ordered = featureView('ordered', {
  of: customer,
  from: orders,
  every: '1d',
  repair: '1d',
  features: (f) => ({ orders: f.count().over('7d') }),
})
const types = { customer_id: 'text', order_id: 'text', at: 'timestamp' } as const
const order = (order_id: string, at: string) => ({ customer_id: 'anna', order_id, at: `${at} 12:00:00` })
const monday = ['A', 'B', 'C'].map((id, day) => order(id, `2024-01-0${day + 1}`))

test('an error of a declared check stops its view, a later run finds duplicates of older rows, and results are kept', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const run = (now: string, quality = {}) => materialize({ warehouse, catalog, views: [ordered], now, quality })
    await fillTable(warehouse, 'mart.orders', types, monday)
    const [first] = await run('2024-01-04', { severity: { 'mart.orders.few': 'warn' } })
    expect(first?.findings.map(findingText)).toContain(
      'warn mart.orders.few: the number of rows is 3, and may be at most 2',
    )
    // Long before the rows that the next run reads.
    await fillTable(warehouse, 'mart.orders', types, [...monday, order('A', '2024-01-12')])
    await expect(run('2024-01-14')).rejects.toMatchObject({
      code: 'QUALITY_FAILED',
      message: expect.stringContaining(
        'error mart.orders.one_row_per_order: has the same order_id as another row in 1 of 2 rows, for example order_id A',
      ),
      data: { findings: [{ check: 'one_row_per_order', declared: 'unique', column: null, count: 1, total: 2 }] },
    })
    const [passed] = await run('2024-01-14', { severity: { 'mart.orders.one_row_per_order': 'warn' } })
    expect(passed?.findings.map(({ check, severity }) => `${severity} ${check}`)).toContain('warn one_row_per_order')
    await expect(run('2024-01-14', { severity: { 'mart.orders.one_row': 'warn' } })).rejects.toMatchObject({
      code: 'QUALITY_OVERRIDE_UNKNOWN',
    })
    const kept = await warehouse.read(sql`
      SELECT check_name, severity, passed, failed_rows, checked_rows, example FROM monitoring.quality_results
      WHERE check_name IN ('one_row_per_order', 'few') ORDER BY checked_at, check_name`)
    expect(rowsOf(kept)).toEqual([
      { check_name: 'few', severity: 'warn', passed: false, failed_rows: 1, checked_rows: 3, example: null },
      {
        check_name: 'one_row_per_order',
        severity: 'error',
        passed: true,
        failed_rows: 0,
        checked_rows: 3,
        example: null,
      },
      ...['error', 'warn'].map((severity) => ({
        check_name: 'one_row_per_order',
        severity,
        passed: false,
        failed_rows: 1,
        checked_rows: 2,
        example: 'order_id A',
      })),
    ])
    expect((await listQualityResults(catalog.db, { findings: true })).map(({ check_name }) => check_name)).toContain(
      'one_row_per_order',
    )
  }))

test('the facts of a label are checked on demand', () =>
  inPlace(async ({ warehouse }) => {
    await fillTable(warehouse, 'mart.orders', types, [...monday, order('A', '2024-01-12')])
    const many = label('many', { of: customer, from: orders, value: (f) => f.count().ahead('1d') })
    const { findings, scanned } = await checkLabel(warehouse, many, {
      from: null,
      to: null,
      now: toMicros('2024-02-01'),
    })
    expect(findings.map(({ view, check, count, total }) => [view, check, count, total])).toEqual([
      ['label many', 'one_row_per_order', 1, 4],
    ])
    expect(scanned).toEqual(['mart.orders: all 4 rows'])
  }))
