import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'

/** A live MLflow server. */
export interface MlflowServer {
  /** Its address, without secrets. */
  readonly url: string
  readonly host: string
  /**
   * @param path such as `/api/2.0/mlflow/runs/get`
   * @throws MartletError MLFLOW_REFUSED when it answers with an error
   */
  json<T>(path: string, query: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T>
  /** The bytes of a file; undefined when the server has none. */
  file(path: string, query: Readonly<Record<string, string>>, largest: number): Promise<Uint8Array | undefined>
}

interface ServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Milliseconds without a byte after which the server counts as gone. */
  readonly silenceMs?: number
}

const LARGEST_JSON = 16_000_000
const failure = z.object({ message: z.string() })

/**
 * A server at an address. Credentials come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and
 * MLFLOW_TRACKING_PASSWORD, and go to this address only: redirects are not followed.
 *
 * @throws MartletError USAGE when the address is no HTTP URL, or has credentials in it
 */
export function mlflowServer(address: string, { env, signal, silenceMs = 30_000 }: ServerOptions): MlflowServer {
  const base = URL.canParse(address) ? new URL(address) : undefined
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new MartletError(
      'USAGE',
      'The address of MLflow must be an http:// or https:// URL: --from http://mlflow:5000.',
    )
  if (base.username !== '' || base.password !== '') {
    const message =
      'The address of MLflow has credentials in it. Put them into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or a token into MLFLOW_TRACKING_TOKEN.'
    throw new MartletError('USAGE', message)
  }
  const root = base.pathname.replace(/\/+$/, '')
  const url = `${base.origin}${root}`
  const authorization = credentialsOf(env)

  async function get(path: string, query: Readonly<Record<string, string>>, largest: number): Promise<Received> {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(), silenceMs)
    const target = new URL(`${url}${path}`)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    try {
      const response = await fetch(target, {
        headers: authorization === undefined ? {} : { authorization },
        redirect: 'manual',
        signal: AbortSignal.any([signal, silence.signal]),
      })
      const declared = Number(response.headers.get('content-length') ?? 0)
      if (declared > largest) {
        await response.body?.cancel()
        throw tooLarge(path, largest)
      }
      const pieces: Uint8Array[] = []
      let size = 0
      for await (const piece of response.body ?? []) {
        timer.refresh()
        size += piece.length
        if (size > largest) throw tooLarge(path, largest)
        pieces.push(piece)
      }
      return { status: response.status, bytes: Buffer.concat(pieces, size) }
    } catch (cause) {
      if (cause instanceof MartletError) throw cause
      const reason = silence.signal.aborted ? `it sent nothing for ${silenceMs / 1000} s` : reasonOf(cause)
      throw new MartletError('MLFLOW_UNREACHABLE', `MLflow at ${url} did not answer ${path}: ${reason}.`, {
        data: { url, path },
        cause,
      })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    url,
    host: base.host,
    async json(path, query, schema) {
      const { status, bytes } = await get(path, query, LARGEST_JSON)
      if (status !== 200) throw refused(url, path, status, bytes)
      const read = schema.safeParse(parsed(bytes))
      if (read.success) return read.data
      const message = `MLflow at ${url} answered ${path} with something else than MLflow does. Is it the address of an MLflow server?`
      throw new MartletError('MLFLOW_REFUSED', message, { data: { url, path, status } })
    },
    async file(path, query, largest) {
      const { status, bytes } = await get(path, query, largest)
      if (status === 200) return bytes
      if (status === 404) return undefined
      throw refused(url, path, status, bytes)
    },
  }
}

interface Received {
  readonly status: number
  readonly bytes: Buffer
}

function credentialsOf(env: ServerOptions['env']): string | undefined {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env
  if (user !== undefined && user !== '') return `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`
  return token === undefined || token === '' ? undefined : `Bearer ${token}`
}

function refused(url: string, path: string, status: number, bytes: Buffer): MartletError {
  const { message } = failure.safeParse(parsed(bytes)).data ?? {}
  const said = message === undefined ? '' : `: ${message.slice(0, 300)}`
  const hint =
    status === 401 || status === 403
      ? ' Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.'
      : status >= 300 && status < 400
        ? ' It redirects, which is not followed: name the address where it really is.'
        : ''
  return new MartletError('MLFLOW_REFUSED', `MLflow at ${url} answered ${path} with ${status}${said}.${hint}`, {
    data: { url, path, status },
  })
}

function tooLarge(path: string, largest: number): MartletError {
  return new MartletError(
    'MLFLOW_TOO_LARGE',
    `MLflow sends more than ${largest} bytes for ${path}, more than can be imported.`,
    {
      data: { path, largest },
    },
  )
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return inner instanceof Error ? inner.message : String(inner)
}
