import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

it('Ctrl-C stops materialize at the next safe point, and the next run goes on where it stopped', async () => {
  await using project = await seededProject()
  // 1,500 customers for 60 days on an hourly grid: more than one transaction of a million rows.
  await project.write(
    'more.ts',
    `import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
await using project = await loadProject()
const warehouse = await project.warehouse()
await warehouse.run(sql\`INSERT INTO mart.usage SELECT 'x' || customer, day, 1 FROM range(1500) c(customer), (SELECT
  DISTINCT ts AS day FROM mart.usage) d\`)
`,
  )
  expect(await project.node('more.ts')).toMatchObject({ code: 0 })
  await project.edit('definitions.ts', "every: '1d'", "every: '1h'")
  expect((await project.martlet('apply', '--yes')).code).toBe(0)

  const run = project.start('materialize', '--json', '--no-publish')
  await run.printed('"type":"chunk"', 'stderr')
  run.child.kill('SIGINT')
  const stopped = await run.ended
  expect(stopped.code).toBe(130)
  expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: false, exitCode: 130, error: { code: 'CANCELLED' } })

  expect(await project.json(0, 'materialize', '--no-publish')).toMatchObject({
    views: [{ reason: expect.stringMatching(/^resumes/) }],
  })
  expect(await project.json(0, 'runs', '--limit', '5')).toMatchObject({
    runs: [{ outcome: 'succeeded' }, { outcome: 'failed' }],
  })
}, 120_000)
