import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openDuckDb, sql, type Leaves, type Sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { dualLeaves } from '../../../warehouse/test/snowflake-sql/dual-leaves.ts'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { snowflakeText } from '../../../warehouse/test/snowflake-sql/snowflake-texts.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { checkedRows } from '../../src/quality/declared-checks.ts'
import { rowValue } from '../../src/quality/declared-rows.ts'
import type { TableScan } from '../../src/quality/table-scan.ts'
import { checkKind } from '../../src/vocabulary/checks/list.ts'
import { sqlText } from '../compile/sql-text.ts'

/**
 * `MARTLET_UPDATE_GOLDEN=1 npx vitest run --project feature-store declared-checks-text` writes the files anew; read their
 * diff before you commit it.
 */
const update = process.env['MARTLET_UPDATE_GOLDEN'] === '1'
const folder = join(import.meta.dirname, 'golden-declared')

const customer = entity('customer', { customer_id: z.string() })
const customers = dimension('mart.customers', {
  columns: { customer_id: z.string(), 'since "when"': z.date(), until: z.date().nullable(), number: z.int() },
  entity: customer,
  validFrom: 'since "when"',
  validTo: 'until',
})
const name = `o'r"der; --`
const { plan } = fact('mart.orders', {
  columns: { customer_id: z.string(), [name]: z.string(), at: z.date(), kg: z.number(), number: z.number() },
  entities: [customer],
  eventTime: 'at',
  zone: 'Europe/Zurich',
  checks: (c) => ({
    one_row: c.unique(name),
    customer_exists: c.relationship(customers, { customer_id: 'customer_id', number: 'number' }),
    customer_valid: c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'at' }),
    light: c.rows((r) => r.kg.le(r.number.mul(2))),
    heavy_share: c.aggregate((f) => f.share((r) => r.kg.gt(10)), { atMost: 0.5 }),
    custom: c.sql('SELECT 1 AS one WHERE 1 = 0'),
  }),
})
const scan: TableScan = {
  source: plan,
  time: 'at',
  from: toMicros('2024-03-30'),
  to: toMicros('2024-03-31'),
  always: ['customer_id', 'at'],
  identity: ['customer_id', 'at'],
  now: toMicros('2024-04-01'),
}

function statements(leaves: Leaves): readonly (readonly [name: string, statement: Sql])[] {
  const ranges = [scan, { ...scan, from: null, to: null }]
  const own = ranges.flatMap((range, at) =>
    (plan.checks ?? []).flatMap((check): readonly (readonly [string, Sql])[] => {
      const made = checkKind(check).statement?.(check, checkedRows(leaves, range))
      if (made === undefined) return []
      return [[`${check.name}${at === 0 ? '' : '-all'}`, 'groups' in made ? made.groups : made.failing]]
    }),
  )
  const value = rowValue(leaves, plan)
  const shared = (plan.checks ?? []).flatMap((check): readonly (readonly [string, Sql])[] => {
    const made = checkKind(check).fails?.(check, leaves, value) ?? checkKind(check).value?.(check, leaves, value)
    return made === undefined ? [] : [[check.name, sql`SELECT ${made} AS x FROM rows_of_the_scan s`]]
  })
  return [...own, ...shared]
}

function expectGolden(engine: string, texts: readonly (readonly [string, string])[]): void {
  const path = join(folder, `checks.${engine}.sql`)
  const text = texts.map(([of, one]) => `-- ${of}\n${sqlText([{ sql: one, parameters: [] }])}`).join('\n')
  if (update) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, text)
  }
  expect(text).toBe(readFileSync(path, 'utf8'))
}

test('the statements of declared checks print their golden text, whatever columns are called', async () => {
  await using warehouse = await openDuckDb()
  const compiled = statements(warehouse.leaves).map(([of, one]) => [of, warehouse.compile(one).sql] as const)
  expect(compiled).toHaveLength(10)
  expectGolden('duckdb', compiled)
  const onSnowflake = statements(dualLeaves).map(([of, one]) => [of, snowflakeText(one)] as const)
  expectAllowed(
    'declared checks',
    onSnowflake.map(([, text]) => text),
  )
  expectGolden('snowflake', onSnowflake)
})
