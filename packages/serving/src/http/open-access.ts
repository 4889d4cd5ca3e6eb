import { MartletError } from '@martlet/warehouse'
import type { Call } from './call.ts'
import { Problem } from './problem.ts'

/** A gateway in front that checks its callers: everybody who asks for one of these hosts is answered. `*` stands for any. */
export interface Gateway {
  readonly gateway: { readonly hosts: readonly string[] }
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Where no key is asked for, a page on the web must not be able to ask through somebody's browser: neither across sites nor
 * under a name of its own that it lets point to this machine (DNS rebinding).
 */
export function openAccess(auth: 'none' | Gateway): (call: Call, method: string) => void {
  const hosts = auth === 'none' ? loopback : hostsOf(auth)
  const isAllowed = (host: string): boolean => hosts.has('*') || hosts.has(host.toLowerCase().replace(/:\d*$/, ''))
  const names = [...hosts].join(', ')
  return (call, method) => {
    const host = call.host()
    // Whoever leaves it out speaks HTTP/1.0 and is no browser.
    if (host !== undefined && host !== '' && !isAllowed(host)) {
      throw new Problem(
        403,
        'HOST_NOT_ALLOWED',
        `without API keys this server answers only for ${names}; configure keys, or name the hosts of your gateway in auth`,
      )
    }
    const origin = call.header('origin')
    if (origin !== undefined && !isAllowed(hostOf(origin))) {
      throw new Problem(
        403,
        'ORIGIN_NOT_ALLOWED',
        `without API keys this server answers no pages of other sites, only of ${names}`,
      )
    }
    if (method === 'POST' && !/^application\/json\s*(;|$)/i.test(call.header('content-type') ?? '')) {
      throw new Problem(
        415,
        'CONTENT_TYPE',
        'send Content-Type: application/json; without API keys nothing else is taken, so that no form on another site can ask',
      )
    }
  }
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin
}

function hostsOf({ gateway }: Gateway): ReadonlySet<string> {
  if (gateway.hosts.length === 0) {
    throw new MartletError(
      'INVALID_AUTH',
      "auth.gateway.hosts is empty; name the hosts that the gateway asks for, or '*' for any",
    )
  }
  return new Set(gateway.hosts.map((host) => host.toLowerCase()))
}
