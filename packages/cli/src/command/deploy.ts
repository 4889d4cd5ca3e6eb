import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import {
  applyDeployment,
  MartletError,
  planDeployment,
  prepareTarget,
  readDeployment,
  type Deployment,
  type DeploymentPlan,
  type Engine,
  type ReadDeploymentOptions,
  type Warehouse,
} from '@martlet/warehouse'
import { warehouseOf } from '../place/chosen-places.ts'
import { fromEnvironment } from '../place/environment.ts'
import { openDeployTarget } from '../project/deploy-target.ts'
import type { Project } from '../project/project.ts'
import { isEmpty, sqlFolder } from '../project/sql-folder.ts'
import { confirmed } from '../terminal/confirm.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface DeployOptions extends GlobalOptions {
  readonly engine?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly set?: readonly string[]
  readonly secret?: readonly string[]
  readonly folder?: string
  readonly with?: readonly string[]
  readonly without?: readonly string[]
}

export async function deploy(context: CommandContext, options: DeployOptions): Promise<Outcome> {
  const { terminal } = context
  const project = await context.project()
  const engine = engineOf(project, options.engine)
  const given = settings(project, options)
  const files = sqlFolder(project.folder, engine, options)
  if (options.folder === undefined && files.leftOut.length > 0 && isEmpty(files))
    return nothingOfOurs(project, engine, files.folder)
  const without = [...files.leftOut, ...(options.without ?? [])]
  const deployment = await readDeployment({ engine, folder: files.folder, ...given, without })
  const { warehouse, missing, close } = await openDeployTarget(project)
  try {
    const plan = await planDeployment(warehouse, deployment)
    const data = {
      engine,
      folder: deployment.folder,
      steps: plan.steps.map(stepData),
      unchanged: plan.unchanged,
      left: plan.left,
      missing,
    }
    if (options.dryRun === true) return { exitCode: 0, data: { dryRun: true, ...data }, text: planText(plan, terminal) }
    if (plan.steps.length === 0)
      return { exitCode: 0, data: { dryRun: false, applied: 0, ...data }, text: planText(plan, terminal) }
    if (!terminal.json) terminal.say(`${planText(plan, terminal)}\n`)
    if (options.yes !== true && !(await agreed(context, plan)))
      return { exitCode: 1, data: { dryRun: false, applied: 0, ...data }, text: 'nothing was deployed' }
    const applied =
      missing.length === 0
        ? await apply(context, warehouse, deployment, plan)
        : await applyToNew(context, project, warehouse, deployment)
    return { exitCode: 0, data: { dryRun: false, applied, ...data }, text: `deployed ${counted(applied, 'change')}` }
  } finally {
    await close()
  }
}

/** On DuckDB Martlet creates the tables that it needs itself, so without SQL files of the project there is nothing to do. */
function nothingOfOurs(project: Project, engine: Engine, folder: string): Outcome {
  const own = join(project.folder, 'sql', engine)
  const text =
    `nothing to deploy: there is no folder ${own}, and Martlet needs no objects of its own on ${engine}. ` +
    'Write SQL files there, or name a folder with --folder; --with energy or --with logistics adds the marts of an example.'
  return {
    exitCode: 0,
    data: { dryRun: false, applied: 0, engine, folder, steps: [], unchanged: 0, left: [], missing: [] },
    text,
  }
}

/** First creates what a session works in, then plans and deploys the rest. */
async function applyToNew(
  context: CommandContext,
  project: Project,
  first: Warehouse,
  deployment: Deployment,
): Promise<number> {
  await prepareTarget(first, deployment)
  const { warehouse, missing, close } = await openDeployTarget(project)
  try {
    if (missing.length === 0)
      return await apply(context, warehouse, deployment, await planDeployment(warehouse, deployment))
    throw new MartletError(
      'DEPLOY_TARGET',
      `The files create no ${missing.join(' and no ')} with the name given in martlet.config.ts under warehouse. ` +
        'Use a name there that they create, or set their variables with --set.',
      { data: { missing } },
    )
  } finally {
    await close()
  }
}

async function apply(
  { terminal, signal }: CommandContext,
  warehouse: Warehouse,
  deployment: Deployment,
  plan: DeploymentPlan,
): Promise<number> {
  const actor = `${userInfo().username}@${hostname()}`
  return (
    await applyDeployment(warehouse, deployment, plan, {
      actor,
      signal,
      onStep: ({ object }) => terminal.note(`done  ${object.key}`),
    })
  ).applied
}

function engineOf(project: Project, asked: string | undefined): Engine {
  const { engine } = warehouseOf(project.config)
  if (asked === undefined || asked === engine) return engine
  if (asked !== 'duckdb' && asked !== 'snowflake')
    throw new MartletError(
      'USAGE',
      `--engine is ${JSON.stringify(asked)}, which is not an engine. Give duckdb or snowflake.`,
    )
  throw new MartletError(
    'USAGE',
    `--engine is ${asked}, but the warehouse in martlet.config.ts is ${engine}. ` +
      'Change one of them, or name another configuration with --config.',
    { data: { asked, engine } },
  )
}

type Settings = Required<Pick<ReadDeploymentOptions, 'set' | 'secrets' | 'defaults'>>

/** The files are deployed to the database of the configuration: elsewhere nothing would use them. */
function settings(project: Project, { set = [], secret = [] }: DeployOptions): Settings {
  const given = Object.fromEntries(
    set.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new MartletError('USAGE', '--set needs a name and a value. Write it as name=value.')
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
  const secrets = Object.fromEntries(secret.map(secretOf))
  const database = warehouseOf(project.config).database?.(project.config.warehouse)
  if (database === undefined) return { set: given, secrets, defaults: {} }
  const other = given['database']
  if (other !== undefined && other.toUpperCase() !== database.toUpperCase())
    throw new MartletError(
      'USAGE',
      `--set database=${other}, but the database of the warehouse in martlet.config.ts is ${database}. Change one of them.`,
    )
  return { set: given, secrets, defaults: { database } }
}

/** A secret comes from the environment, because other users of the machine can read a command line. */
function secretOf(text: string): readonly [name: string, value: string] {
  const [, name, variable] = /^(\w+)=([^]*)$/.exec(text) ?? []
  if (name === undefined || variable === undefined) {
    throw new MartletError(
      'USAGE',
      '--secret needs a name and the environment variable that holds the secret. Write it as name=NAME_OF_VARIABLE.',
    )
  }
  return [name, fromEnvironment({ variable, key: `--secret ${name}`, what: 'the secret', code: 'DEPLOY_VARIABLE' })]
}

function agreed({ terminal, signal }: CommandContext, { steps }: DeploymentPlan): Promise<boolean> {
  const nobody = new MartletError(
    'CONFIRMATION_NEEDED',
    `${counted(steps.length, 'change')} would be deployed, but nobody can be asked here. ` +
      'Look at `martlet deploy --dry-run`, then run `martlet deploy --yes`.',
    { data: { steps: steps.length } },
  )
  return confirmed({ terminal, signal, question: 'Deploy this?', nobody, cancelled: 'Nothing was deployed.' })
}

function stepData({ object, action, reason }: DeploymentPlan['steps'][number]): object {
  return {
    object: object.key,
    kind: object.kind,
    name: object.name,
    action,
    reason,
    file: object.file,
    line: object.line,
  }
}

function planText({ steps, unchanged, left }: DeploymentPlan, { paint, width }: Terminal): string {
  const signs = { create: paint('green', '+'), change: paint('yellow', '~') }
  const lines = steps.flatMap(({ object, action, reason }) => [
    `${signs[action]} ${object.key}`,
    ...(reason === '' ? [] : [hanging('    ', reason, width)]),
  ])
  const gone = left.map(
    ({ key, file }) => `${paint('dim', '?')} ${key}  ${paint('dim', `was in ${file}; it is kept as it is`)}`,
  )
  if (steps.length === 0) return [...gone, `nothing to deploy: ${counted(unchanged, 'object')} unchanged`].join('\n')
  return [...lines, ...gone, '', `${counted(steps.length, 'change')}, ${unchanged} unchanged`].join('\n')
}
