import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

it(
  'a view that fails does not stop the others: what they did is printed, the error lists what failed, and the exit code says so',
  { timeout: 240_000 },
  async () => {
    await using project = await seededProject()
    await project.edit(
      'definitions.ts',
      '// What a model reads',
      `const calls = fact('mart.calls', { columns: { customer_id: z.string(), at: z.date() }, entities: [customer], eventTime: 'at' })
export const aCalls = featureView('a_calls', { of: customer, from: calls, every: '1d', ttl: '7d', features: (f) => ({
  n: f.count().over('7d') }) })
// What a model reads`,
    )
    expect((await project.martlet('apply', '--yes')).code).toBe(0)
    const people = await project.martlet('materialize', '--no-publish')
    expect(people).toMatchObject({ code: 1, stdout: expect.stringMatching(/^customer_usage +1,200 /m) })
    expect(people.stderr).toMatch(
      /^error MATERIALIZE_FAILED\n +1 of 2 views failed; the other one is up to date:\n +a_calls: .*mart\.calls/m,
    )
    expect(people.stderr).toContain('customer_usage  computing ')
    expect(await project.json(1, 'materialize', '--no-publish')).toMatchObject({
      ok: false,
      error: {
        code: 'MATERIALIZE_FAILED',
        data: {
          failed: [{ view: 'a_calls', code: 'SOURCE_MISSING', because: null }],
          done: [{ view: 'customer_usage', action: 'nothing' }],
        },
      },
    })
    const trained = await project.martlet('training-set', 'next_day_training')
    expect(trained).toMatchObject({ code: 0 })
    expect(trained.stderr).toMatch(/^training\.next_day_training {2}spine\n/)
    expect(trained.stderr).toMatch(
      /step \d of \d+: view customer_usage\n(.*\n)*training\.next_day_training {2}step \d+ of \d+: join and write/,
    )
  },
)
