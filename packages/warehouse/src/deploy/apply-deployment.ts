import { MartletError } from '../errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { deployError } from './deploy-error.ts'
import { rowAccessPolicy } from './existing.ts'
import { expectEngine, planDeployment, type DeploymentPlan, type DeployStep } from './plan-deployment.ts'
import type { Deployment, DeployObject } from './read-deployment.ts'
import { locked, record } from './state.ts'

export interface ApplyDeploymentOptions {
  /** Who deploys, for the record. */
  readonly actor: string
  /** Called for every step after it is done and recorded. */
  readonly onStep?: (step: DeployStep) => void
  /** Stops between two steps; the next deployment continues there. */
  readonly signal?: AbortSignal
}

/**
 * Runs the steps of a plan in order and records each right after it ran: if it is killed, the next deployment completes it.
 * @throws MartletError DEPLOY_STALE when the warehouse has changed since the plan was made
 * @throws MartletError DEPLOY_BUSY when another deployment is running
 * @throws MartletError DEPLOY_FAILED when a statement fails, naming its file and line
 * @throws MartletError CANCELLED when the signal stops it
 */
export async function applyDeployment(
  warehouse: Warehouse,
  deployment: Deployment,
  plan: DeploymentPlan,
  { actor, onStep, signal }: ApplyDeploymentOptions,
): Promise<{ readonly applied: number }> {
  if (plan.steps.length === 0) return { applied: 0 }
  return locked(warehouse, actor, async (hold) => {
    const now = await planDeployment(warehouse, deployment)
    if (now.fingerprint !== plan.fingerprint)
      throw new MartletError(
        'DEPLOY_STALE',
        'The warehouse has changed since this plan was made. Nothing was deployed; look at the plan again.',
      )
    let applied = 0
    for (const step of now.steps) {
      if (signal?.aborted === true)
        throw new MartletError(
          'CANCELLED',
          `Stopped after ${applied} of ${now.steps.length} steps; the next deployment continues there.`,
          { data: { applied } },
        )
      await hold()
      await run(warehouse, step)
      await record(warehouse, step.object, actor)
      applied++
      onStep?.(step)
    }
    return { applied }
  })
}

/** Creates the database and the warehouses that the files name, which have to exist before a session can use them. */
export async function prepareTarget(warehouse: Warehouse, deployment: Deployment): Promise<void> {
  expectEngine(warehouse, deployment)
  for (const object of deployment.objects) {
    if (object.kind === 'DATABASE' || object.kind === 'WAREHOUSE')
      await run(warehouse, { object, action: 'create', reason: '', statements: [object.statement] })
  }
}

async function run(warehouse: Warehouse, { object, statements }: DeployStep): Promise<void> {
  if (object.kind === 'ROW ACCESS' && (await hasRowAccess(warehouse, object.name, object.on))) return
  for (const statement of statements) {
    try {
      await warehouse.run(statement)
    } catch (cause) {
      const why = object.hide(cause instanceof Error ? cause.message : String(cause))
      const advice = 'What ran before it is recorded; correct this and deploy again'
      throw deployError('DEPLOY_FAILED', object, `${object.key} failed: ${why}`, advice, hidden(cause, object))
    }
  }
}

/** The cause without the statement's secrets, which an engine may quote and which an error's data repeats. */
function hidden(cause: unknown, { hide }: DeployObject): unknown {
  if (!(cause instanceof Error)) return hide(String(cause))
  const data = cause instanceof MartletError ? cause.data : {}
  const shown = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? hide(value) : value]),
  )
  const same =
    hide(cause.message) === cause.message && Object.entries(data).every(([name, value]) => shown[name] === value)
  return same
    ? cause
    : new MartletError(cause instanceof MartletError ? cause.code : 'SQL_FAILED', hide(cause.message), { data: shown })
}

// A deployment that died after the statement and before recording it has added the policy.
async function hasRowAccess(warehouse: Warehouse, table: string, on: readonly string[]): Promise<boolean> {
  const attached = await rowAccessPolicy(warehouse, table)
  if (attached === undefined) return false
  if (on.some((key) => key.startsWith('ROW ACCESS POLICY ') && key.split(/[ .]/).at(-1) === attached.toUpperCase()))
    return true
  throw new MartletError(
    'DEPLOY_REFUSED',
    `Table ${table} has the row access policy ${attached} already. Detach it yourself, or remove the other one from the files.`,
    { data: { table, attached } },
  )
}
