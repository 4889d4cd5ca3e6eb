import {
  snowflakeClock,
  snowflakePlaces,
  snowflakePrivileges,
  sql,
  rowsOf,
  type SnowflakePrivilege,
  type Warehouse,
} from '@martlet/warehouse'
import { attempt, type Check } from '../check.ts'
import type { SnowflakeConfig } from './config.ts'
import { snowflakeLabel } from './options.ts'

/** What commands create in each schema; they create the schemas themselves when they are missing. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  features: ['CREATE TABLE', 'CREATE VIEW'],
  features_internal: ['CREATE TABLE'],
  ml: ['CREATE VIEW'],
  monitoring: ['CREATE TABLE'],
  training: ['CREATE TABLE'],
}
const MAX_CLOCK_DIFFERENCE = 60_000

/** Whether the login works, what the role may do, and whether the account's clock agrees. Secrets are not repeated. */
export async function checkSnowflake(
  config: SnowflakeConfig,
  open: () => Promise<Warehouse>,
): Promise<readonly Check[]> {
  let warehouse: Warehouse | undefined
  const login = await attempt(
    'warehouse',
    'Check warehouse.snowflake: account, accessUrl, auth, role, database, schema and warehouse.',
    async () => {
      warehouse = await open()
      const { version, ...places } = await snowflakePlaces(warehouse)
      const names = (['role', 'warehouse', 'database', 'schema'] as const).map(
        (one) => `${one} ${places[one] ?? 'none'}`,
      )
      return `snowflake ${version}, ${snowflakeLabel(config)}: ${names.join(', ')}`
    },
  )
  const opened = warehouse
  if (opened === undefined) return [login]
  return [
    login,
    await attempt(
      'warehouse compute',
      'Name a warehouse that the role may use, and make sure that no resource monitor has suspended it.',
      () => computes(opened),
    ),
    await checkPrivileges(opened),
    await checkClock(opened),
  ]
}

async function computes(warehouse: Warehouse): Promise<string> {
  const start = performance.now()
  const [row] = rowsOf<{ schemas: number }>(
    await warehouse.read(sql`SELECT COUNT(*) AS schemas FROM INFORMATION_SCHEMA.SCHEMATA`),
  )
  return `answered a query over ${row?.schemas ?? 0} schemas in ${((performance.now() - start) / 1000).toFixed(1)} s`
}

async function checkPrivileges(warehouse: Warehouse): Promise<Check> {
  const name = 'warehouse rights'
  const asked = await attempt(
    name,
    "Ask the account's administrator; commands report what they may not do.",
    async () => missingPrivileges(await snowflakePrivileges(warehouse)).join(', '),
  )
  if (asked.state === 'fail') return { ...asked, state: 'warn' }
  if (asked.found === '')
    return { name, state: 'ok', found: 'the role may create schemas, and tables and views in those that are there' }
  return {
    name,
    state: 'warn',
    found: `the role lacks ${asked.found}`,
    fix: 'GRANT them to the role. Privileges granted through database roles do not show here.',
  }
}

function missingPrivileges(granted: readonly SnowflakePrivilege[]): readonly string[] {
  const has = (on: SnowflakePrivilege['on'], privilege: string, name?: string): boolean =>
    granted.some(
      (one) =>
        one.on === on &&
        (name === undefined || one.name === name) &&
        (one.privilege === privilege || one.privilege === 'OWNERSHIP'),
    )
  const database = has('database', 'CREATE SCHEMA') ? [] : ['CREATE SCHEMA on the database']
  const there = Object.entries(SCHEMAS).filter(([schema]) =>
    granted.some(({ on, name }) => on === 'schema' && name === schema),
  )
  return [
    ...database,
    ...there.flatMap(([schema, privileges]) =>
      privileges
        .filter((privilege) => !has('schema', privilege, schema))
        .map((privilege) => `${privilege} on schema ${schema}`),
    ),
  ]
}

async function checkClock(warehouse: Warehouse): Promise<Check> {
  const name = 'warehouse clock'
  let aheadMillis = 0
  let timeZone: string | null = null
  const asked = await attempt(name, 'Check the network and the privileges of the role.', async () => {
    ;({ aheadMillis, timeZone } = await snowflakeClock(warehouse))
    const seconds = Math.abs(aheadMillis) / 1000
    const where = aheadMillis > 0 ? 'ahead of' : 'behind'
    const apart = seconds < 1 ? 'within a second of' : `${seconds.toFixed(0)} s ${where}`
    return `sessions are in ${timeZone ?? 'an unknown time zone'}, Snowflake's clock is ${apart} this machine's`
  })
  if (asked.state === 'fail') return asked
  if (timeZone !== 'UTC')
    return {
      ...asked,
      state: 'fail',
      fix: 'Sessions are set to UTC when they begin; check whether a policy of the account forbids ALTER SESSION SET TIMEZONE.',
    }
  if (Math.abs(aheadMillis) > MAX_CLOCK_DIFFERENCE)
    return { ...asked, state: 'warn', fix: "Feature times are closed by this machine's clock: set it by NTP." }
  return asked
}
