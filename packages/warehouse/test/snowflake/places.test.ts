import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ensureSchema,
  openSnowflake,
  snowflakeClock,
  snowflakePlaces,
  snowflakePrivileges,
  sql,
} from '@martlet/warehouse'
import { loginFailed } from '../../src/snowflake/errors.ts'
import { expectAllowed } from '../snowflake-sql/expect-allowed.ts'
import { codeOf } from '../support/errors.ts'
import { SnowflakeDouble } from './double/double.ts'
import { auth, openDouble } from './double/open-double.ts'

describe('a login and where it leads', () => {
  let double: SnowflakeDouble
  beforeAll(async () => {
    double = await SnowflakeDouble.start()
  })
  afterAll(() => double.stop())

  it.each([
    [
      'a role that the user does not have',
      { role: 'BOSS' },
      ["Role 'BOSS'", 'Check the role, and that it is granted to the user'],
    ],
    [
      'a database that is not there',
      { database: 'SHOPP' },
      [
        'accepted the login',
        'no database SHOPP that role TESTER may use',
        'GRANT USAGE ON DATABASE SHOPP TO ROLE TESTER',
      ],
    ],
    ['a schema that is not there', { schema: 'SHOP' }, ['no schema MARTLET.SHOP']],
    [
      'a warehouse that is not there',
      { warehouse: 'MISSING' },
      ['no warehouse MISSING', 'GRANT USAGE ON WAREHOUSE MISSING'],
    ],
  ])('%s is told when it is opened', async (_, options, says) => {
    const failure = await codeOf(openDouble(double, options))
    expect(failure.code).toBe('WAREHOUSE_OPEN_FAILED')
    for (const part of says) expect(failure.message).toContain(part)
    expect(double.sessions).toBe(0)
  })

  it('an account that cannot be reached is told from a login that was refused', () => {
    // As the SDK gives it after its retries, which take 13 seconds.
    const failure = loginFailed({ code: 401001, message: 'Network error. Could not reach Snowflake.' }, [])
    expect(failure).toMatchObject({
      code: 'WAREHOUSE_OPEN_FAILED',
      message: expect.stringContaining('Check the account identifier, the access URL and the network'),
    })
  })

  it('a session without a database or compute says so when it is asked for rows', async () => {
    await using nowhere = await openSnowflake({ account: 'double', accessUrl: double.url, auth })
    expect((await codeOf(nowhere.run(sql`CREATE TABLE t (k VARCHAR)`))).message).toContain(
      'does not have a current database',
    )
  })

  it('says where the session is, by which clock, and what its role may do', async () => {
    const texts = new Set<string>()
    double.ran = ({ sql: text }) => texts.add(text)
    await using owner = await openDouble(double, { warehouse: 'SMALL' })
    await ensureSchema(owner, 'features')
    expect(await snowflakePlaces(owner)).toEqual({
      role: 'TESTER',
      warehouse: 'SMALL',
      database: 'MARTLET',
      schema: 'PUBLIC',
      version: 'double',
    })
    expect(await snowflakePrivileges(owner)).toEqual([
      { on: 'database', name: 'martlet', privilege: 'OWNERSHIP' },
      { on: 'schema', name: 'features', privilege: 'OWNERSHIP' },
      { on: 'schema', name: 'public', privilege: 'OWNERSHIP' },
    ])
    const { timeZone, aheadMillis } = await snowflakeClock(owner)
    expect(timeZone).toBe('UTC')
    // The double has the clock of this machine; a statement takes milliseconds, and a busy machine much longer.
    expect(Math.abs(aheadMillis)).toBeLessThan(60_000)
    await using reader = await openDouble(double, { role: 'READER' })
    expect((await snowflakePrivileges(reader)).map(({ privilege }) => privilege)).toEqual(['USAGE', 'USAGE', 'USAGE'])
    expect((await codeOf(ensureSchema(reader, 'more'))).message).toContain('Insufficient privileges')
    expectAllowed(
      'where a session is',
      [...texts].filter((text) => !/^(ALTER SESSION|SHOW)/.test(text)),
    )
  })
})
