import { rowsOf, openDuckDb, sql } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

it(
  'check runs the checks of views, labels and tables, keeps the results, and ends with what it found',
  { timeout: 240_000 },
  async () => {
    await using project = await seededProject()
    const declare = async (before: string, checks: string): Promise<void> =>
      project.edit('definitions.ts', before, `  eventTime: 'ts',\n  checks: (c) => ({ ${checks} }),\n`)
    await declare(`  eventTime: 'ts',\n`, `one_a_day: c.unique(['customer_id', 'ts'])`)
    // Nothing is applied or materialized, and the readings of a template grow old.
    await project.edit('martlet.config.ts', 'defineConfig({', 'defineConfig({\n  quality: { staleAfter: 1e6 },')
    expect(await project.json(0, 'check')).toMatchObject({ ok: true, errors: 0, warnings: 0, findings: [] })

    const heavy = `most: c.rows((r) => r.kwh.lt(0), { severity: 'error' }), enough: c.aggregate((f) => f.count(), { atMost: 1 })`
    await declare(`  eventTime: 'ts',\n  checks: (c) => ({ one_a_day: c.unique(['customer_id', 'ts']) }),\n`, heavy)
    const found = (await project.json(1, 'check', 'mart.usage', '--from', '2000-01-01')) as {
      readonly findings: readonly { readonly check: string; readonly count: number; readonly total: number }[]
    }
    expect(found).toMatchObject({ ok: false, errors: 1, warnings: 1 })
    expect(found.findings).toMatchObject([
      { check: 'most', declared: 'rows', severity: 'error', table: 'mart.usage', view: 'customer_usage' },
      { check: 'enough', declared: 'aggregate', severity: 'warn', count: 1 },
    ])
    expect(found.findings[0]?.count).toBe(found.findings[0]?.total)

    await project.edit('definitions.ts', `{ severity: 'error' }`, `{ severity: 'warn' }`)
    const people = await project.martlet('check', 'next_day_kwh', '--no-store')
    expect(people).toMatchObject({ code: 2 })
    expect(people.stdout).toMatch(/^ {2}warn mart\.usage\.most: does not meet kwh < 0 in /m)
    expect(people.stdout).toMatch(/^\d+ checks: 2 warnings$/m)

    expect(await project.json(64, 'check', 'mart.usages')).toMatchObject({ error: { code: 'TABLE_UNKNOWN' } })

    await using warehouse = await openDuckDb({ path: project.path('.martlet', 'warehouse.duckdb') })
    const kept = await warehouse.read(
      sql`SELECT check_name, severity, passed, COUNT(*) AS n FROM monitoring.quality_results
      WHERE run_id LIKE 'check %' AND check_name IN ('one_a_day', 'most', 'enough') GROUP BY ALL ORDER BY 1`,
    )
    expect(rowsOf(kept)).toEqual([
      { check_name: 'enough', severity: 'warn', passed: false, n: 1 },
      { check_name: 'most', severity: 'error', passed: false, n: 1 },
      { check_name: 'one_a_day', severity: 'warn', passed: true, n: 1 },
    ])
  },
)
