import { currentDefinitions } from '@martlet/feature-store'
import type { Auth } from '@martlet/serving'
import type { Project } from '../project/project.ts'
import { facts } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface Served {
  readonly services: readonly string[]
  readonly models: readonly { readonly model: string; readonly alias: string; readonly version: number }[]
}

/** The services and models of a project. */
export async function served(project: Project): Promise<Served> {
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

export interface ServerState {
  readonly auth: Auth
  readonly ready: boolean
  readonly log: string | null
  /** Undefined: the process that was started answers itself. */
  readonly workers?: readonly { readonly worker: number; readonly pid: number }[]
}

export function kindOf(auth: Auth): 'none' | 'gateway' | 'keys' {
  if (auth === 'none') return 'none'
  return 'gateway' in auth ? 'gateway' : 'keys'
}

function callersOf(auth: Auth): string {
  if (auth === 'none') return 'everybody on this machine, no key is asked for'
  return 'gateway' in auth ? `everybody who calls ${auth.gateway.hosts.join(', ')}` : 'need an API key'
}

/** What `serve` answers to people. */
export function servedText(
  url: string,
  { services, models }: Served,
  state: ServerState,
  { paint, width }: Terminal,
): string {
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
        ...(state.workers === undefined
          ? []
          : [
              [
                'workers',
                `${state.workers.length}: process ${state.workers.map(({ pid }) => pid).join(', ')}`,
              ] as const,
            ]),
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
