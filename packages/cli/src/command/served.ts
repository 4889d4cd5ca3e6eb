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

export const AUTH_KINDS = ['none', 'gateway', 'keys', 'tokens'] as const

export function kindOf(auth: Auth): (typeof AUTH_KINDS)[number] {
  if (auth === 'none') return 'none'
  if ('gateway' in auth) return 'gateway'
  return auth.keys === undefined && auth.keysFile === undefined ? 'tokens' : 'keys'
}

function callersOf(auth: Auth): string {
  if (auth === 'none') return 'everybody on this machine, no key is asked for'
  if ('gateway' in auth) return `everybody who calls ${auth.gateway.hosts.join(', ')}`
  if (auth.jwt === undefined) return 'need an API key'
  return `need ${kindOf(auth) === 'tokens' ? 'a token' : 'an API key, or a token'} of ${auth.jwt.issuer}`
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
        [
          'callers',
          ['keys', 'tokens'].includes(kindOf(state.auth))
            ? callersOf(state.auth)
            : paint('yellow', callersOf(state.auth)),
        ],
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
