import { cp, rm } from 'node:fs/promises'
import { z } from 'zod'
import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

const views = z.object({ views: z.array(z.object({ view: z.string(), newest: z.string().nullable(), watermark: z.string().nullable(), publishedTime: z.string().nullable() })) })

it('docs/operations.md: a copy of the state folder brings back everything, and without the online store a run publishes it again', { timeout: 240_000 }, async () => {
  await using project = await seededProject()
  expect((await project.martlet('apply', '--yes')).code).toBe(0)
  expect((await project.martlet('materialize')).code).toBe(0)
  expect((await project.martlet('training-set', 'next_day_training')).code).toBe(0)
  const before = views.parse(await project.json(0, 'status'))
  expect(before.views[0]?.publishedTime).not.toBeNull()

  await cp(project.path('.martlet'), project.path('backup'), { recursive: true })
  await rm(project.path('.martlet'), { recursive: true })
  expect(await project.json(0, 'status')).toMatchObject({ views: [] })
  await rm(project.path('.martlet'), { recursive: true })

  await cp(project.path('backup'), project.path('.martlet'), { recursive: true })
  expect(views.parse(await project.json(0, 'status'))).toEqual(before)
  expect(await project.json(0, 'plan')).toMatchObject({ changes: [] })
  expect(await project.json(0, 'materialize')).toMatchObject({ views: [{ action: 'nothing', watermark: before.views[0]?.watermark }] })

  await rm(project.path('.martlet/online'), { recursive: true })
  expect(await project.json(0, 'materialize')).toMatchObject({ views: [{ action: 'publish', published: 20, reason: 'the online store has none of its rows' }] })
})
