import { currentDefinitions, type AnyIngestSource, type OnDemandFunctions } from '@martlet/feature-store'
import { listen, serving, servingWorker } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import { jobOptionsOf } from '../jobs/project-jobs.ts'
import type { MartletConfig } from '../config/martlet-config.ts'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { accessOf } from './access-files.ts'
import { openTelemetry } from './open-telemetry.ts'
import { kindOf, served, servedText } from './served.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ServeOptions extends GlobalOptions {
  readonly port?: string
  readonly host?: string
  readonly workers?: string
}

export async function serve(context: CommandContext, options: ServeOptions): Promise<Outcome> {
  const port = portOf(options.port)
  const workers = workersOf(options.workers)
  const project = await context.project()
  const { config, paths } = project
  const { limits, isolation, inference, log, jobs, ...access } = servingOf(config)
  const { auth, audit, tls } = accessOf(access, project.at)
  const where = {
    port: port ?? config.serving?.port ?? 8080,
    host: options.host ?? config.serving?.host ?? '127.0.0.1',
  }
  if (workers !== undefined)
    return (await import('./serve-in-workers.ts')).serveInWorkers(context, { ...where, workers })
  const worker = servingWorker()
  const shared = worker === undefined ? {} : { worker }
  const catalog = await project.catalog()
  const online = await project.online()
  const registry = await project.registry()
  const telemetry = await openTelemetry(project.folder)
  const app = serving({
    catalog,
    online,
    registry,
    onDemand: await onDemandOf(project, context.terminal),
    sources: await sourcesOf(project, context.terminal),
    auth,
    ...(audit === undefined ? {} : { audit }),
    ...shared,
    ...(telemetry === undefined ? {} : { telemetry }),
    ...(limits === undefined ? {} : { limits }),
    ...(jobs === true ? { jobs: jobOptionsOf(config) } : {}),
    reports: { folder: paths.reports },
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
    ...where,
    ...shared,
    ...(tls === undefined ? {} : { tls }),
    onError: ({ error }) => context.terminal.note(error instanceof Error ? error.message : String(error)),
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

/** What may be pushed. A server whose definitions cannot be loaded serves what is applied, and takes no events. */
async function sourcesOf(project: Project, terminal: Terminal): Promise<readonly AnyIngestSource[]> {
  try {
    return [...(await project.definitions()).sources.values()]
  } catch (error) {
    terminal.note(`no events are taken: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

/** @throws MartletError CONFIG_INVALID when it is not said who may call */
function servingOf({ serving: given }: MartletConfig): NonNullable<MartletConfig['serving']> {
  if (given !== undefined) return given
  throw new MartletError(
    'CONFIG_INVALID',
    'The configuration has no key `serving`, so it is not clear who may call. ' +
      "Add serving: { auth: { keys: [{ name, sha256, scopes }] } }, or serving: { auth: 'none' } to answer everybody on this machine.",
    { data: { key: 'serving.auth' } },
  )
}

function workersOf(text: string | undefined): number | 'auto' | undefined {
  if (text === undefined || text === 'auto') return text
  const workers = Number(text)
  if (/^\d+$/.test(text) && workers >= 1 && workers <= 128) return workers
  throw new MartletError('USAGE', `--workers ${text} is not a number of processes. Give 1 to 128, or auto.`, {
    data: { workers: text },
  })
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new MartletError('USAGE', `--port ${text} is not a port. Give a number from 0 to 65535.`, {
    data: { port: text },
  })
}
