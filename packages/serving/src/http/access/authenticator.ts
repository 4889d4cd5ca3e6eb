import type { Principal } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import type { Call } from '../call/call.ts'
import { ALL_SCOPES, keyLookup, type ApiKey } from './api-keys.ts'
import { openAccess, type Gateway, type OpenAccess } from './open-access.ts'

/**
 * Who may call. `'none'` answers everyone on this machine: requests must name a loopback host and come from no other site, and
 * `listen` binds to loopback only. A gateway that checks its callers itself is named by the hosts that it asks for.
 */
export type Auth = 'none' | Gateway | { readonly keys: readonly ApiKey[] }

/** The check of every request. */
export interface Authenticator {
  /** Refuses what must not be answered, whatever the route. */
  readonly admit: OpenAccess
  /**
   * The caller.
   *
   * @throws Problem `KEY_REQUIRED` or `KEY_UNKNOWN` (401)
   */
  identify(call: Call): Principal
  /** How many callers it can distinguish. */
  readonly principals: number
}

const everyone: Principal = {
  name: 'anonymous',
  scopes: new Set(ALL_SCOPES),
  maySee: () => true,
  seesEvery: () => true,
}

/**
 * Prepares the check.
 *
 * @throws MartletError `INVALID_AUTH` when the configuration could not work
 */
export function authenticator(auth: Auth): Authenticator {
  if (auth === 'none' || 'gateway' in auth) return { admit: openAccess(auth), identify: () => everyone, principals: 1 }
  const lookup = keyLookup(auth.keys)
  return {
    admit: () => undefined,
    identify(call) {
      const given = call.header('x-api-key') ?? bearer(call.header('authorization'))
      if (given === undefined || given === '') {
        const detail = 'This route needs an API key. Send Authorization: Bearer <key> or X-API-Key: <key>.'
        throw new Problem(401, 'KEY_REQUIRED', detail)
      }
      const found = lookup(given)
      if (found === undefined)
        throw new Problem(
          401,
          'KEY_UNKNOWN',
          'This API key is not known here. Check it, or have it added to the keys of this server.',
        )
      return found
    },
    principals: auth.keys.length,
  }
}

/** Whether callers need an API key. */
export function needsKey(auth: Auth): boolean {
  return auth !== 'none' && 'keys' in auth
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}
