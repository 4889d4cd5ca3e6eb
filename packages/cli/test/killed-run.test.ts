import { hostname } from 'node:os'
import { join } from 'node:path'
import { openCatalog } from '@martlet/feature-store'
import { expect, it } from 'vitest'
import { seededProject } from './run-martlet.ts'

it(
  'a run whose process is gone is told as stopped, with who it was and what continues there',
  { timeout: 60_000 },
  async () => {
    await using project = await seededProject()
    await project.json(0, 'apply', '--yes')
    // No process has this number: Linux counts to 4 194 304.
    const gone = { host: hostname(), pid: 99_999_999 }
    const at = '2026-01-05T06:00:00.000000Z'
    const catalog = await openCatalog({ path: join(project.folder, '.martlet/catalog.sqlite') })
    await catalog.db
      .insertInto('leases')
      .values({ ...gone, view: 'customer_usage', token: 't', actor: 'ann', acquired_at: at, heartbeat_at: at })
      .execute()
    await catalog.db
      .insertInto('runs')
      .values({
        ...gone,
        id: 'r',
        kind: 'materialize',
        view: 'customer_usage',
        hash: 'h',
        from_time: null,
        to_time: null,
        reason: 'first run',
        rows: 0,
        bytes: null,
        published: null,
        seconds: null,
        outcome: 'running',
        error: null,
        started_at: at,
        finished_at: null,
        actor: 'ann',
      })
      .execute()
    await catalog.close()
    expect(await project.json(0, 'status')).toMatchObject({
      views: [
        {
          view: 'customer_usage',
          newest: null,
          holder: { actor: 'ann', pid: 99_999_999, gone: true },
          lastRun: { outcome: 'abandoned', error: 'the process died' },
        },
      ],
    })
    const { stdout } = await project.martlet('status')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `customer_usage stopped before its end: ann (process 99999999 on ${hostname()}) began at 2026-01-05 06:00; \`martlet materialize customer_usage\` continues there`,
    )
    await project.json(0, 'materialize')
    expect(await project.json(0, 'status')).toMatchObject({
      views: [{ holder: null, lastRun: { outcome: 'succeeded' } }],
    })
  },
)
