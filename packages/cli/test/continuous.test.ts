import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededProject, type TestProject } from './run-martlet.ts'

describe('a project with a continuous view', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await seededProject()
    await project.edit(
      'definitions.ts',
      '// What a model reads',
      `export const recent = featureView('recent', { of: customer, from: usage, every: 'continuous',
  features: (f) => ({ n: f.count().over('1h', '24h') }) })
export const bothKinds = featureService('both_kinds', [customerUsage, recent])
// What a model reads`,
    )
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      `monitors: [
    { name: 'of_recent', view: 'recent', profile: 'next_day_training' },`,
    )
    await project.json(0, 'apply', '--yes')
    await project.json(0, 'materialize', 'customer_usage')
    await project.json(0, 'training-set', 'next_day_training')
  }, 240_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it('has no freshness of it to show, and nothing that is late', async () => {
    const { views } = (await project.json(0, 'status')) as { views: readonly { view: string }[] }
    expect(views.find(({ view }) => view === 'recent')).toMatchObject({ continuous: true, late: false, newest: null })
    const { stdout } = await project.martlet('status')
    expect(stdout).toMatch(/^recent +at any instant/m)
  })

  it('previews it at any instant', async () => {
    const preview = await project.json(0, 'preview', 'recent', '--key', 'c001', '--at', '2024-02-01T12:00:30Z')
    expect(preview).toMatchObject({ view: 'recent' })
  })

  it('builds training sets from tables, in which it is computed from facts', async () => {
    const grid = ['--every', '1d', '--of', 'customer_usage', '--start', '2024-01-20', '--end', '2024-01-22']
    const made = await project.json(0, 'training-set', 'both_kinds', ...grid, '--after', '6h', '--from', 'materialized')
    expect(made).toMatchObject({ rows: expect.any(Number) })
  })

  it('refuses a drift monitor of it, and names what can be monitored', async () => {
    expect(await project.json(78, 'drift', 'of_recent')).toMatchObject({
      error: {
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('view recent is continuous, so it has no table of rows. Monitor the `model`'),
      },
    })
  })
})
