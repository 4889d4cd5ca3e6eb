import { cp, rm } from 'node:fs/promises'
import { z } from 'zod'
import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

const views = z.object({
  views: z.array(
    z.object({
      view: z.string(),
      newest: z.string().nullable(),
      watermark: z.string().nullable(),
      publishedTime: z.string(),
    }),
  ),
})

// Each step starts a process, as people do.
it(
  'docs/operations.md: a copy of the state folder brings back everything, and without the online store a run publishes it again',
  { timeout: 480_000 },
  async () => {
    await using project = await seededProject()
    await project.json(0, 'apply', '--yes')
    await project.json(0, 'materialize')
    const before = views.parse(await project.json(0, 'status'))

    await cp(project.path('.martlet'), project.path('backup'), { recursive: true })
    await rm(project.path('.martlet'), { recursive: true })
    await cp(project.path('backup'), project.path('.martlet'), { recursive: true })
    expect(views.parse(await project.json(0, 'status'))).toEqual(before)
    expect(await project.json(0, 'materialize')).toMatchObject({ views: [{ action: 'nothing', rows: 0 }] })

    await rm(project.path('.martlet/online'), { recursive: true })
    expect(await project.json(0, 'materialize')).toMatchObject({
      views: [{ action: 'publish', published: 20, reason: 'the online store has none of its rows' }],
    })
  },
)
