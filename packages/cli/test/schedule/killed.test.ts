import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCatalog } from '@martlet/feature-store'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listSlots, listSteps } from '../../src/schedule/slot-store.ts'
import { start } from '../run-martlet.ts'

const KILLS = 10

// Each round starts a process.
vi.setConfig({ testTimeout: 240_000 })
const worker = join(import.meta.dirname, 'kill-worker.ts')
const steps = ['load', 'snapshot', 'drift']
const days = ['2026-06-01', '2026-06-02']

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-kill-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const log = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, 'log'), 'utf8')).split('\n').filter((line) => line !== '')

/** The steps in the order in which they ended, each once: one that ended just before a kill may end twice in a row. */
function endedInOrder(lines: readonly string[]): readonly string[] {
  const ended = lines.flatMap((line) => (line.startsWith('end ') ? [line.slice(4)] : []))
  return ended.filter((line, at) => line !== ended[at - 1])
}

const undisturbed = days.flatMap((day) => steps.map((step) => `${step} ${day}`))

async function expectComplete(): Promise<void> {
  await using catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  const slots = await listSlots(catalog.db)
  expect(slots.map(({ slot, outcome }) => [slot.slice(0, 10), outcome])).toEqual(
    days.toReversed().map((day) => [day, 'succeeded']),
  )
  for (const { slot } of slots)
    expect((await listSteps(catalog.db, 'nightly', slot)).map(({ outcome }) => outcome)).toEqual(
      steps.map(() => 'succeeded'),
    )
  expect(await catalog.db.selectFrom('leases').selectAll().execute()).toEqual([])
}

it(`killed ${KILLS} times, it still runs every step of every slot in order, and never two at once`, async () => {
  let kills = 0
  for (let round = 0; ; round++) {
    const run = start([worker], { cwd: folder })
    await run.printed('open', 'stdout')
    if (kills < KILLS) {
      await sleep(Math.random() * 500)
      if (run.child.kill('SIGKILL')) kills++
      if ((await run.ended).code === null) continue
    }
    const { stdout } = await run.ended
    expect(stdout).toMatch(/^ran \d$/m)
    if (kills >= KILLS) break
    // It was done before all kills: the rest of them has nothing to disturb.
    await using catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
    await catalog.db.updateTable('schedule_slots').set({ outcome: 'running' }).execute()
    await catalog.db.updateTable('schedule_steps').set({ outcome: 'running', pid: null }).execute()
  }
  const lines = await log()
  expect(lines.filter((line) => line.startsWith('beside'))).toEqual([])
  const ended = endedInOrder(lines)
  expect(ended.slice(-undisturbed.length)).toEqual(undisturbed)
  await expectComplete()
  const again = await start([worker], { cwd: folder }).ended
  expect(again.stdout).toContain('ran 0')
  expect(await log()).toEqual(lines)
})

it('of three processes that begin at once, one runs every step, and each step runs once', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => start([worker], { cwd: folder }).ended))
  const said = runs.map(({ stdout }) => stdout.split('\n')[1])
  expect(said.filter((line) => line !== 'LEASE_HELD' && line !== 'ran 0')).toEqual(['ran 2'])
  expect((await log()).filter((line) => line.startsWith('end ')).map((line) => line.slice(4))).toEqual(undisturbed)
  await expectComplete()
})
