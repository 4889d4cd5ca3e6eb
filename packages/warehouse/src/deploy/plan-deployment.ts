import { createHash } from 'node:crypto'
import type { ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import { snowflakePlaces } from '../snowflake/session-facts.ts'
import { compareColumns } from '../table/compare-columns.ts'
import { columnDefinition } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import { deployError } from './deploy-error.ts'
import { existing } from './existing.ts'
import type { Deployment, DeployObject } from './read-deployment.ts'
import { recorded } from './state.ts'
import { sql, type Sql } from '../sql.ts'

export interface DeployStep {
  readonly object: DeployObject
  readonly action: 'create' | 'change'
  /** Why, in words. */
  readonly reason: string
  /** The statements to run, in this order; none when only the record is missing. */
  readonly statements: readonly Sql[]
}

export interface DeploymentPlan {
  readonly steps: readonly DeployStep[]
  /** How many objects are as the files define them. */
  readonly unchanged: number
  /** Deployed before and no longer in the files; never dropped. */
  readonly left: readonly { readonly key: string; readonly file: string }[]
  /** Different when the steps differ. */
  readonly fingerprint: string
}

/**
 * What has to run so that a warehouse becomes what the files define; runs no DDL.
 * @throws MartletError DEPLOY_REFUSED when changes would lose something or do nothing, naming each of them
 * @throws MartletError DEPLOY_ENGINE when the files are for another engine
 */
export async function planDeployment(warehouse: Warehouse, deployment: Deployment): Promise<DeploymentPlan> {
  expectEngine(warehouse, deployment)
  if (warehouse.engine === 'snowflake' && (await snowflakePlaces(warehouse)).database === null)
    return planned(
      deployment.objects.map((object) => step(object, 'create', 'the database does not exist yet')),
      0,
      [],
    )
  const before = await recorded(warehouse)
  const { keys, seen } = await existing(warehouse, new Set(deployment.objects.map(({ kind }) => kind)))
  const isThere = ({ kind, key }: DeployObject): boolean | undefined => (seen.has(kind) ? keys.has(key) : undefined)
  const steps: DeployStep[] = []
  const refused: MartletError[] = []
  const anew = new Set<string>()
  for (const object of deployment.objects) {
    const known = before.get(object.key)
    const there = isThere(object)
    const recreated = object.on.find((key) => anew.has(key))
    if (known === undefined || there === false || recreated !== undefined) {
      if (known !== undefined && there === false) anew.add(object.key)
      const reason =
        known === undefined
          ? there === true
            ? 'exists, and was not deployed before'
            : ''
          : there === false
            ? 'was deployed and is gone'
            : `${recreated} is created again`
      if (object.kind === 'TABLE' && there === true)
        await attempt(refused, async () => void steps.push(await tableStep(warehouse, object, reason)))
      else steps.push(step(object, known === undefined ? 'create' : 'change', reason))
    } else if (known.hash !== object.hash) {
      await attempt(
        refused,
        async () => void steps.push(object.kind === 'TABLE' ? await tableStep(warehouse, object, '') : changed(object)),
      )
    }
  }
  if (refused.length > 0) throw allOf(refused)
  const wanted = new Set(deployment.objects.map(({ key }) => key))
  const left = [...before].flatMap(([key, { file }]) => (wanted.has(key) ? [] : [{ key, file }]))
  return planned(steps, deployment.objects.length - steps.length, left)
}

export function expectEngine(warehouse: Warehouse, { engine, folder }: Deployment): void {
  if (warehouse.engine === engine) return
  throw new MartletError(
    'DEPLOY_ENGINE',
    `The files in ${folder} are for ${engine}, but the warehouse is ${warehouse.engine}. Use the files for that engine.`,
    { data: { engine, warehouse: warehouse.engine } },
  )
}

function planned(steps: readonly DeployStep[], unchanged: number, left: DeploymentPlan['left']): DeploymentPlan {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(steps.map(({ object, action, reason }) => [object.key, object.hash, action, reason])))
    .digest('hex')
  return { steps, unchanged, left, fingerprint }
}

function step(object: DeployObject, action: DeployStep['action'], reason: string): DeployStep {
  return { object, action, reason, statements: [object.statement] }
}

// CREATE IF NOT EXISTS does not change an object that exists, and a table cannot have two row access policies.
function changed(object: DeployObject): DeployStep {
  const again = !/^CREATE\s(?!OR\s)/i.test(object.sql)
  if (object.kind === 'ROW ACCESS')
    throw deployError(
      'DEPLOY_REFUSED',
      object,
      `the row access policy of ${object.name} changed, and Snowflake allows only one`,
      `While nobody reads the table, run ALTER TABLE ${object.name} DROP ALL ROW ACCESS POLICIES and ` +
        `DELETE FROM martlet_deploy.objects WHERE object = '${object.key}', then deploy again`,
    )
  if (again) return step(object, 'change', 'its statement changed')
  throw deployError(
    'DEPLOY_REFUSED',
    object,
    `${object.key} exists, and its changed CREATE ... IF NOT EXISTS would do nothing`,
    'Restore that statement and write the change as ALTER ... SET, or drop the object yourself',
  )
}

async function tableStep(warehouse: Warehouse, object: DeployObject, reason: string): Promise<DeployStep> {
  const name = object.name.toLowerCase()
  const {
    added,
    vanished,
    changed: other,
  } = compareColumns(object.columns ?? [], (await warehouse.introspect(name)) ?? [])
  const demanding = added.filter(({ nullable }) => nullable === false)
  const problems = [
    ...vanished.map((column) => `column ${column} is in the table and not in the file`),
    ...other.map(({ difference }) => difference),
    ...demanding.map((column) => `${column.name} is new and NOT NULL, but existing rows have no value for it`),
  ]
  if (problems.length > 0) {
    throw deployError(
      'DEPLOY_REFUSED',
      object,
      `table ${name} would lose something: ${problems.join('; ')}`,
      'Deploy only adds nullable columns: write the column as it is in the table, or change the table yourself first',
    )
  }
  const add = (column: ColumnSpec): Sql =>
    sql`ALTER TABLE ${tableRef(name)} ADD COLUMN ${columnDefinition(warehouse, column)}`
  const words = [reason, added.length === 0 ? '' : `adds ${added.map((column) => column.name).join(', ')}`].filter(
    (text) => text !== '',
  )
  return {
    object,
    action: 'change',
    reason:
      words.length === 0
        ? 'has these columns already; the rest of its statement, such as a clustering key, is not applied'
        : words.join('; '),
    statements: added.map(add),
  }
}

async function attempt(refused: MartletError[], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof MartletError && error.code === 'DEPLOY_REFUSED')) throw error
    refused.push(error)
  }
}

function allOf(refused: readonly MartletError[]): MartletError {
  return new MartletError(
    'DEPLOY_REFUSED',
    `Nothing was deployed.\n${refused.map(({ message }) => `- ${message}`).join('\n')}`,
    { data: { refused: refused.map(({ data }) => data) } },
  )
}
