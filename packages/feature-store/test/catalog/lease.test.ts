import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { auditLog } from '../../src/catalog/audit.ts'
import { acquireLease } from '../../src/catalog/lease.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { failure, withCatalog } from './scratch.ts'

test(
  'one process at a time may change a view, and the second hears who holds it and since when',
  () =>
    withCatalog(async (catalog, path) => {
      const worker = spawn(
        process.execPath,
        ['--conditions=@martlet/source', new URL('./lease-worker.ts', import.meta.url).pathname, path],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const ended = new Promise((resolve) => worker.on('close', resolve))
      try {
        await new Promise((resolve) => worker.stdout.once('data', resolve))
        const refused = await failure(acquireLease(catalog, 'customer_usage', 'me'))
        expect(refused).toMatchObject({
          code: 'LEASE_HELD',
          message: expect.stringMatching(
            new RegExp(`by the worker \\(process ${worker.pid} on .+\\), which began at \\d{4}-`),
          ),
        })
        await using other = await acquireLease(catalog, 'customer_profile', 'me')
        expect(other.view).toBe('customer_profile')
      } finally {
        worker.kill('SIGKILL')
        await ended
      }
      // Its process is gone, so nobody has to wait.
      await using lease = await acquireLease(catalog, 'customer_usage', 'me')
      expect(lease.view).toBe('customer_usage')
      expect(await listRuns(catalog.db)).toEqual([expect.objectContaining({ id: 'run-1', outcome: 'abandoned' })])
      expect(await auditLog(catalog.db)).toEqual([
        expect.objectContaining({ action: 'take over lease', subject: 'view:customer_usage' }),
      ])
    }),
  60_000,
)

test('two takers in one process exclude each other, and a released lease is free', () =>
  withCatalog(async (catalog) => {
    const taken = await Promise.all(
      ['a', 'b', 'c'].map(async (actor) => acquireLease(catalog, 'v', actor).catch(() => undefined)),
    )
    const holders = taken.filter((lease) => lease !== undefined)
    expect(holders).toHaveLength(1)
    await holders[0]?.release()
    await using again = await acquireLease(catalog, 'v', 'd')
    expect(again.view).toBe('v')
  }))

test('a holder on another machine keeps its lease while it is heard of, and loses it after a minute of silence', () =>
  withCatalog(async (catalog) => {
    const heard = (secondsAgo: number): string =>
      new Date(Date.now() - secondsAgo * 1000).toISOString().replace('Z', '000Z')
    const far = { view: 'v', token: 'far', host: 'another-machine', pid: 1, actor: 'them', acquired_at: heard(300) }
    await catalog.db
      .insertInto('leases')
      .values({ ...far, heartbeat_at: heard(30) })
      .execute()
    expect(await failure(acquireLease(catalog, 'v', 'me'))).toMatchObject({ code: 'LEASE_HELD' })
    await catalog.db
      .updateTable('leases')
      .set({ heartbeat_at: heard(61) })
      .execute()
    await using mine = await acquireLease(catalog, 'v', 'me')
    await mine.check(catalog.db)
  }))

test('a holder that was thought dead learns that it has lost its lease before it changes anything', () =>
  withCatalog(async (catalog) => {
    const mine = await acquireLease(catalog, 'v', 'me')
    await catalog.db.updateTable('leases').set({ heartbeat_at: '2000-01-01T00:00:00.000000Z' }).execute()
    await using theirs = await acquireLease(catalog, 'v', 'them')
    expect(await failure(mine.check(catalog.db))).toMatchObject({ code: 'LEASE_LOST' })
    expect(mine.lost.aborted).toBe(true)
    await mine.release()
    await theirs.check(catalog.db)
  }))
