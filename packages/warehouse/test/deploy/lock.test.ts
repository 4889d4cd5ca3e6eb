import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { readDeployment } from '@martlet/warehouse'
import { locked } from '../../src/deploy/state.ts'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { codeOf } from '../support/errors.ts'

test(
  'a deployment whose lock Snowflake took away because it was idle does nothing more',
  { timeout: 30_000 },
  async () => {
    const double = await SnowflakeDouble.start()
    onTestFinished(() => double.stop())
    await using first = await openDouble(double)
    await using second = await openDouble(double)
    const done: string[] = []
    const lost = locked(first, 'ann', async (hold) => {
      await hold()
      done.push('ann')
      // Longer than the double lets a transaction be idle that is in the way.
      await sleep(2000)
      await locked(second, 'bob', async (holdToo) => {
        await holdToo()
        done.push('bob')
      })
      await hold()
      done.push('ann again')
    })
    expect(await codeOf(lost)).toMatchObject({
      code: 'DEPLOY_BUSY',
      message: expect.stringContaining('was lost during this deployment'),
    })
    expect(done).toEqual(['ann', 'bob'])
  },
)

test('variables that are there and cannot be read are not taken for none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-deploy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'variables.json'))
  expect(await codeOf(readDeployment({ engine: 'duckdb', folder }))).toMatchObject({ code: 'DEPLOY_VARIABLE' })
})
