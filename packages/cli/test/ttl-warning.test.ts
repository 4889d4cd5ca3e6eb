import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { seededProject, type TestProject } from './run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let project: TestProject
beforeAll(async () => {
  project = await seededProject()
})
afterAll(() => project[Symbol.asyncDispose]())

const WARNING = /^warning view customer_usage has no ttl: rows of any age are served/gm

it('plan and apply warn once about a view without ttl, in words and in JSON, and it is no error', async () => {
  expect((await project.martlet('plan')).stdout).not.toContain('warning')
  await project.edit('definitions.ts', "  ttl: '7d',\n", '')
  const planned = await project.martlet('plan')
  expect(planned.code).toBe(0)
  expect(planned.stdout.match(WARNING)).toHaveLength(1)
  expect(planned.stdout.replaceAll(/\s+/g, ' ')).toMatch(/Write ttl: '\d+[dhm]' in its definition/)
  const warnings = [{ code: 'NO_TTL', view: 'customer_usage', message: expect.stringContaining('has no ttl') }]
  expect(await project.json(0, 'plan')).toMatchObject({ warnings })
  const applied = await project.martlet('apply', '--yes')
  expect(applied.code).toBe(0)
  expect(applied.stdout.match(WARNING)).toHaveLength(1)
  const again = await project.martlet('apply')
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to apply: 4 definitions unchanged\n/),
  })
  expect(again.stdout.match(WARNING)).toHaveLength(1)
  expect(await project.json(0, 'apply')).toMatchObject({ ok: true, warnings })
})
