import { MartletError } from '@martlet/warehouse'
import type { Principal } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import type { ReadyCheck } from '../../desk/readiness.ts'
import type { Call } from '../call/call.ts'
import { keyFinder, knownKeys, refuseTwins, type ApiKey, type KnownKey } from './api-keys.ts'
import { ALL_SCOPES, principalOf } from './grants.ts'
import { keysOfFile, keysOfUrl } from './jwt/issuer-keys.ts'
import { checkJwt, type JwtOptions } from './jwt/jwt-options.ts'
import { tokensOf } from './jwt/tokens.ts'
import { keysOf } from './keys-file.ts'
import { openAccess, type Gateway, type OpenAccess } from './open-access.ts'
import { watchFiles } from './watched-files.ts'

/** Callers who prove who they are: by a key, by a token, or either. */
export interface Callers {
  readonly keys?: readonly ApiKey[]
  /** A JSON file `{ "keys": […] }`, read again when it changes. Only its owner may be able to write it. */
  readonly keysFile?: string
  /** JSON Web Tokens of one issuer. */
  readonly jwt?: JwtOptions
}

/**
 * Who may call. `'none'` answers everyone on this machine: requests must name a loopback host and come from no other site, and
 * `listen` binds to loopback only. A gateway that checks its callers itself is named by the hosts that it asks for.
 */
export type Auth = 'none' | Gateway | Callers

/** The check of every request. */
export interface Authenticator {
  /** Refuses what must not be answered, whatever the route. */
  readonly admit: OpenAccess
  /**
   * The caller. A promise only for a token that was not seen before.
   *
   * @throws Problem 401 when the caller is not known, also as a rejection: `KEY_REQUIRED`, `KEY_UNKNOWN`, `KEY_EXPIRED`,
   * `TOKEN_INVALID` or `TOKEN_EXPIRED`
   */
  identify(call: Call): Principal | Promise<Principal>
  /** Whether it can distinguish several callers. */
  readonly hasSeveral: () => boolean
  /** What is wrong with files and URLs that callers are known from. What was read before counts meanwhile. */
  readonly checks: () => Readonly<Record<string, ReadyCheck>>
  /** Reads files and URLs now. */
  refresh(): Promise<void>
  close(): void
}

/** A file or URL that callers are known from. */
export type AccessSource = 'keys' | 'jwks'

export interface AuthenticatorOptions {
  /** Called when a source has been read anew, or could not be. */
  readonly onReload?: (source: AccessSource, failure: MartletError | undefined) => void
  /** Milliseconds since the epoch. @default the clock */
  readonly clock?: () => number
}

const noSource = { checks: () => ({}), refresh: async () => {}, close: () => {} }

/**
 * Prepares the check.
 *
 * @throws MartletError `INVALID_AUTH` when the configuration could not work
 */
export function authenticator(auth: Auth, options: AuthenticatorOptions = {}): Authenticator {
  if (auth !== 'none' && !('gateway' in auth)) return ofCallers(auth, options)
  const kind = auth === 'none' ? 'none' : 'gateway'
  const grants = ALL_SCOPES.map((scope) => ({ scope, to: undefined }))
  const everyone = principalOf({ name: 'anonymous', id: 'anonymous', kind, rate: undefined, grants })
  return { ...noSource, admit: openAccess(auth), identify: () => everyone, hasSeveral: () => false }
}

function ofCallers({ keys, keysFile, jwt }: Callers, options: AuthenticatorOptions): Authenticator {
  const { onReload = () => {}, clock = Date.now } = options
  if (keysFile === undefined && jwt === undefined && (keys === undefined || keys.length === 0))
    throw new MartletError('INVALID_AUTH', "auth.keys is empty, so nobody could call. List a key, or say auth: 'none'.")
  if (jwt !== undefined) checkJwt(jwt)
  const listed = knownKeys(keys ?? [], 'auth.keys')
  const file =
    keysFile === undefined
      ? undefined
      : watchFiles<readonly KnownKey[]>({
          name: 'auth.keysFile',
          paths: [keysFile],
          read([text = '']) {
            const all = [...listed, ...keysOf(keysFile, text)]
            refuseTwins(all, 'It, with auth.keys,')
            return all
          },
          onReload: (failure) => onReload('keys', failure),
        })
  const reload = { onReload: (failure: MartletError | undefined) => onReload('jwks', failure) }
  const issuer =
    jwt === undefined
      ? undefined
      : 'file' in jwt.jwks
        ? keysOfFile(jwt.jwks.file, reload)
        : keysOfUrl(jwt.jwks.url, reload)
  const tokens = jwt === undefined || issuer === undefined ? undefined : tokensOf(jwt, issuer, clock)
  const all = (): readonly KnownKey[] => file?.current ?? listed
  const find = keyFinder(all)

  function ofKey(given: string): Principal | undefined {
    const found = find(given)
    if (found === undefined || clock() < found.until) return found?.principal
    throw new Problem(401, 'KEY_EXPIRED', 'This API key has expired. Ask for a new one.')
  }

  return {
    admit: () => undefined,
    identify(call) {
      const key = call.header('x-api-key')
      const given = key ?? bearer(call.header('authorization'))
      if (given === undefined || given === '') throw new Problem(401, 'KEY_REQUIRED', needed(tokens !== undefined))
      if (tokens !== undefined && key === undefined && TOKEN.test(given)) return tokens.identify(given)
      const found = ofKey(given)
      if (found !== undefined) return found
      const detail = 'This API key is not known here. Check it, or have it added to the keys of this server.'
      throw new Problem(401, 'KEY_UNKNOWN', detail)
    },
    hasSeveral: () => tokens !== undefined || all().length > 1,
    checks: () => ({
      ...staleCheck('keys', file?.failure, 'The file of API keys cannot be used. The keys read before count.', true),
      ...(issuer?.known === undefined
        ? staleCheck('jwks', issuer?.failure, `${UNREADABLE} No token is taken.`, all().length > 0)
        : staleCheck('jwks', issuer.failure, `${UNREADABLE} Those read before count.`, true)),
    }),
    async refresh() {
      await Promise.all([file?.refresh(), issuer?.refresh()])
    },
    close() {
      file?.close()
      issuer?.close()
    },
  }
}

/** What a token looks like: three parts, of which the last may be missing. Keys of this form are not taken as bearers beside tokens. */
const TOKEN = /^[\w-]+\.[\w-]*\.[\w-]*$/

function needed(takesTokens: boolean): string {
  return takesTokens
    ? 'This route needs an API key or a token. Send Authorization: Bearer <key or token>, or X-API-Key: <key>.'
    : 'This route needs an API key. Send Authorization: Bearer <key> or X-API-Key: <key>.'
}

const UNREADABLE = 'The keys of the tokens’ issuer cannot be read.'

/** The reason is for the server's log: it names paths. */
function staleCheck(
  name: AccessSource,
  failure: string | undefined,
  detail: string,
  ok: boolean,
): Readonly<Record<string, ReadyCheck>> {
  return failure === undefined ? {} : { [name]: { ok, detail } }
}

/** Whether callers need an API key or a token. */
export function needsKey(auth: Auth): boolean {
  return auth !== 'none' && !('gateway' in auth)
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}
