import { MartletError } from '@martlet/warehouse'
import { Problem } from '../../desk/problem.ts'
import type { Call } from '../call/call.ts'

/** A gateway that checks its callers: whoever asks for one of these hosts is answered. `*` stands for any host. */
export interface Gateway {
  readonly gateway: { readonly hosts: readonly string[] }
}

/**
 * Refuses a request that a page of another site may have sent.
 *
 * @param contentType the type that a POST must have, or `NOT_OF_FORMS`; undefined for other methods
 */
export type OpenAccess = (call: Call, contentType: string | undefined) => void

/** Stands for every content type that a form on a page cannot send, and for none: see `anyContentType` of a route. */
export const NOT_OF_FORMS = 'application/json or application/octet-stream'

const FORM_TYPES: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
])

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The check of servers without API keys: a web page must not reach them through somebody's browser, neither from another site nor
 * under a name of its own that resolves to this machine (DNS rebinding).
 *
 * @throws MartletError `INVALID_AUTH` when a gateway has no hosts
 */
export function openAccess(auth: 'none' | Gateway): OpenAccess {
  const hosts = auth === 'none' ? LOOPBACK : hostsOf(auth)
  const isAllowed = seldom((host) => hosts.has('*') || hosts.has(host.toLowerCase().replace(/:\d*$/, '')))
  const isJson = seldom((header) => isOfType(header, 'application/json'))
  const hasType = (header: string | undefined, type: string): boolean =>
    type === 'application/json' && header !== undefined ? isJson(header) : isOfType(header, type)
  const names = [...hosts].join(', ')
  return (call, contentType) => {
    const host = call.host()
    // A request without a host is HTTP/1.0 and does not come from a browser.
    if (host !== undefined && host !== '' && !isAllowed(host)) {
      const remedy = 'Configure keys, or name the hosts of your gateway in auth.'
      throw new Problem(403, 'HOST_NOT_ALLOWED', `Without API keys this server answers only for ${names}. ${remedy}`)
    }
    const origin = call.header('origin')
    if (origin !== undefined && !isAllowed(hostOf(origin))) {
      const detail = `Without API keys this server answers pages of ${names} only, not of other sites.`
      throw new Problem(403, 'ORIGIN_NOT_ALLOWED', detail)
    }
    if (contentType !== undefined && !hasType(call.header('content-type'), contentType)) {
      const reason = 'Without API keys no other type is accepted, so that forms on other sites cannot send requests.'
      throw new Problem(415, 'CONTENT_TYPE', `Send Content-Type: ${contentType}. ${reason}`)
    }
  }
}

/** A check that is made once for equal texts in a row when they pass it. */
function seldom(check: (text: string) => boolean): (text: string) => boolean {
  let last: string | undefined
  return (text) => {
    if (text === last) return true
    const passes = check(text)
    if (passes) last = text
    return passes
  }
}

/** Whether a header names this type, with or without parameters. */
function isOfType(header: string | undefined, type: string): boolean {
  const given = header?.split(';', 1)[0]?.trim().toLowerCase()
  return type === NOT_OF_FORMS ? given === undefined || !FORM_TYPES.has(given) : given === type
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin
}

function hostsOf({ gateway }: Gateway): ReadonlySet<string> {
  if (gateway.hosts.length === 0) {
    const message = "auth.gateway.hosts is empty. Name the hosts that the gateway asks for, or '*' for any."
    throw new MartletError('INVALID_AUTH', message)
  }
  return new Set(gateway.hosts.map((host) => host.toLowerCase()))
}
