import type { Auth } from '@martlet/serving'
import type { Project } from '../project/project.ts'
import { suggestion } from '../config/suggestion.ts'
import { counted } from '../terminal/words.ts'
import type { Check } from '../place/check.ts'

const LOCAL = new Set(['127.0.0.1', '::1', 'localhost'])

/** Whether people could call the server who should not. */
export function checkServing({ config, paths }: Project): readonly Check[] {
  const { serving } = config
  if (serving === undefined)
    return [
      {
        name: 'serving',
        state: 'warn',
        found: 'not configured',
        fix: "Add serving: { auth: { keys: […] } }, or auth: 'none' for this machine only.",
      },
    ]
  const host = serving.host ?? '127.0.0.1'
  const address = `${host}:${serving.port ?? 8080}`
  if (serving.auth === 'none' && !LOCAL.has(host)) {
    const fix =
      'List API keys under serving.auth.keys, or name the hosts of a gateway that checks its callers: auth: { gateway: { hosts: […] } }.'
    return [
      { name: 'serving', state: 'fail', found: `${address} with auth: 'none', which serves this machine only`, fix },
    ]
  }
  const callers = callersOf(serving.auth)
  return [
    {
      name: 'serving',
      state: 'ok',
      found: `${address}, ${callers}, ${paths.log === null ? 'predictions not logged' : `log in ${paths.log}`}`,
    },
  ]
}

function callersOf(auth: Auth): string {
  if (auth === 'none') return 'anybody on this machine'
  if ('gateway' in auth) return `everybody who calls ${auth.gateway.hosts.join(', ')}`
  const { keys, keysFile, jwt } = auth
  return [
    ...(keys === undefined ? [] : [counted(keys.length, 'API key')]),
    ...(keysFile === undefined ? [] : [`the keys in ${keysFile}`]),
    ...(jwt === undefined ? [] : [`tokens of ${jwt.issuer}`]),
  ].join(', ')
}

/** Whether what monitors and training sets name exists. */
export async function checkNamed(project: Project): Promise<readonly Check[]> {
  const { monitors = [], trainingSets = [] } = project.config
  const { views, services, labels } = await project.definitions()
  const problems: string[] = []
  const look = (where: string, name: string | undefined, known: ReadonlyMap<string, unknown>, what: string): void => {
    if (name !== undefined && !known.has(name))
      problems.push(`${where}: there is no ${what} ${name}. ${suggestion(name, [...known.keys()], `${what}s`)}`)
  }
  for (const set of trainingSets) {
    look(`trainingSets ${set.name}`, set.service, services, 'service')
    for (const label of set.labels ?? []) look(`trainingSets ${set.name}`, label, labels, 'label')
  }
  for (const monitor of monitors) {
    look(`monitors ${monitor.name}`, monitor.service, services, 'service')
    look(`monitors ${monitor.name}`, monitor.view, views, 'view')
    if (monitor.model !== undefined && project.paths.log === null)
      problems.push(`monitors ${monitor.name}: reads the predictions of ${monitor.model}, but serving.log is not set`)
  }
  if (problems.length === 0)
    return [
      {
        name: 'config names',
        state: 'ok',
        found: `${counted(trainingSets.length, 'training set')}, ${counted(monitors.length, 'monitor')}`,
      },
    ]
  return problems.map((found) => ({
    name: 'config names',
    state: 'fail',
    found,
    fix: 'Correct the name in martlet.config.ts.',
  }))
}
