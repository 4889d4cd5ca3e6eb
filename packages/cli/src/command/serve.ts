import { currentDefinitions, type OnDemandFunctions } from '@martlet/feature-store'
import { listen, serving, type Auth } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ServeOptions extends GlobalOptions {
  readonly port?: string
  readonly host?: string
}

export async function serve(context: CommandContext, options: ServeOptions): Promise<Outcome> {
  const port = portOf(options.port)
  const project = await context.project()
  const { config, paths } = project
  if (config.serving === undefined) {
    throw new MartletError(
      'CONFIG_INVALID',
      'The configuration has no key `serving`, so it is not clear who may call. ' +
        "Add serving: { auth: { keys: [{ name, sha256, scopes }] } }, or serving: { auth: 'none' } to answer everybody on this machine.",
      { data: { key: 'serving.auth' } },
    )
  }
  const { auth, limits, isolation, inference, log } = config.serving
  const catalog = await project.catalog()
  const online = await project.online()
  const registry = await project.registry()
  const app = serving({
    catalog,
    online,
    registry,
    onDemand: await onDemandOf(project, context.terminal),
    auth,
    ...(limits === undefined ? {} : { limits }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(inference === undefined ? {} : { inference }),
    ...(log === undefined || paths.log === null ? {} : { log: { ...log, folder: paths.log } }),
    onError: ({ requestId, route, error }) => {
      const message = error instanceof Error ? error.message : String(error)
      context.terminal.note(`${route} (request ${requestId}): ${message}`)
      context.terminal.event({ type: 'error', route, requestId, message })
    },
  })
  const listening = await listen(app, {
    port: port ?? config.serving.port ?? 8080,
    host: options.host ?? config.serving.host ?? '127.0.0.1',
  })
  const what = await served(project)
  const ready = await app.ready()
  return {
    exitCode: 0,
    data: { url: listening.url, port: listening.port, ready: ready.ready, auth: kindOf(auth), ...what },
    text: servedText(listening.url, what, { auth, ready: ready.ready, log: paths.log }, context.terminal),
    continues: async () => {
      await listening.closed
      context.terminal.note('stopped')
      context.terminal.event({ type: 'stopped' })
    },
  }
}

/**
 * The functions of on-demand features, which are in the project's definitions; those are loaded only if the catalog has
 * a service that needs one. Without them, that service answers 503 and says so.
 */
async function onDemandOf(project: Project, terminal: Terminal): Promise<OnDemandFunctions> {
  const needed = (await currentDefinitions((await project.catalog()).db)).some(
    (one) => one.kind === 'service' && one.plan.onDemand?.some(({ plan }) => plan.kind === 'function') === true,
  )
  if (!needed) return []
  try {
    return [...(await project.definitions()).services.values()].flatMap(({ onDemand }) => onDemand)
  } catch (error) {
    terminal.note(error instanceof Error ? error.message : String(error))
    return []
  }
}

interface Served {
  readonly services: readonly string[]
  readonly models: readonly { readonly model: string; readonly alias: string; readonly version: number }[]
}

async function served(project: Project): Promise<Served> {
  const services = (await currentDefinitions((await project.catalog()).db)).flatMap(({ kind, name }) =>
    kind === 'service' ? [name] : [],
  )
  const models = (await (await project.registry()).aliases()).map(({ model, alias, version }) => ({
    model,
    alias,
    version,
  }))
  return { services, models }
}

interface ServerState {
  readonly auth: Auth
  readonly ready: boolean
  readonly log: string | null
}

function kindOf(auth: Auth): 'none' | 'gateway' | 'keys' {
  if (auth === 'none') return 'none'
  return 'gateway' in auth ? 'gateway' : 'keys'
}

function callersOf(auth: Auth): string {
  if (auth === 'none') return 'everybody on this machine, no key is asked for'
  return 'gateway' in auth ? `everybody who calls ${auth.gateway.hosts.join(', ')}` : 'need an API key'
}

function servedText(url: string, { services, models }: Served, state: ServerState, { paint, width }: Terminal): string {
  return [
    `${paint('green', 'serving')} ${paint('bold', url)}`,
    ...facts(
      [
        ['services', services.length === 0 ? 'none yet: martlet apply' : services.join(', ')],
        [
          'models',
          models.length === 0
            ? 'none yet: martlet models register, then promote'
            : models.map(({ model, alias, version }) => `${model}@${alias} (version ${version})`).join(', '),
        ],
        ['callers', kindOf(state.auth) === 'keys' ? callersOf(state.auth) : paint('yellow', callersOf(state.auth))],
        ['log', state.log ?? 'predictions are not logged'],
        ['docs', `${url}/docs`],
        ...(state.ready ? [] : [['not ready', `${paint('yellow', url)}/health/ready says why`] as const]),
      ],
      width,
    ),
    '',
    'Ctrl-C stops it; definitions and models that change meanwhile are taken over.',
  ].join('\n')
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new MartletError('USAGE', `--port ${text} is not a port. Give a number from 0 to 65535.`, {
    data: { port: text },
  })
}
