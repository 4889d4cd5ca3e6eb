import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Answer, ResultPart } from './answers.ts'
import { Engine } from './engine.ts'
import type { Bind, EngineSession } from './engine.ts'
import { StatementError } from './statement-error.ts'
import { placeOf } from './place.ts'
import type { AccountObjects } from './account-objects.ts'

/** A statement that takes longer is answered with an address to ask again. */
const POLL_AFTER_MS = 300

export interface DoubleRequest {
  readonly method: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** The statement that a request brings, or an empty text. */
export function statementOf({ body }: Pick<DoubleRequest, 'body'>): string {
  const text = body['sqlText']
  return typeof text === 'string' ? text : ''
}

/** What a test makes go wrong: returns true when it has answered itself. */
export type Fault = (request: DoubleRequest, response: ServerResponse) => boolean | Promise<boolean>

/** A statement that ran to its end, with its answer or what it failed with. */
export interface RanStatement {
  readonly session: object
  readonly sql: string
  readonly binds: readonly Bind[]
  readonly answer: Answer | StatementError
}

interface Running {
  readonly session: EngineSession
  readonly queryId: string
  answer: Promise<unknown>
}

/** Snowflake's HTTP as the real SDK speaks it, on 127.0.0.1, with DuckDB behind it. It confirms nothing about Snowflake itself. */
export class SnowflakeDouble {
  readonly requests: DoubleRequest[] = []
  /** Asked before every request. */
  fault: Fault = () => false
  /** Asked after a statement ran, before it is answered. */
  faultAfter: Fault = () => false
  /** Told of every statement that ran, in the order in which they ended. */
  ran: (statement: RanStatement) => void = () => undefined
  /** Sends every row of a result in chunks, not only what is long. */
  chunksOnly = false
  readonly #engine: Engine
  readonly #server: Server
  readonly #sessions = new Map<string, EngineSession>()
  readonly #running = new Map<string, Running>()
  readonly #chunks = new Map<string, ResultPart>()
  #expired = new Set<string>()

  private constructor(engine: Engine) {
    this.#engine = engine
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  /** With one thread, sums of doubles are added up in the same order every time, and small tables are answered sooner. */
  static async start({ threads = 1 }: { readonly threads?: number } = {}): Promise<SnowflakeDouble> {
    const double = new SnowflakeDouble(await Engine.create(threads))
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve))
    return double
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  /** What the sessions were set to. */
  get settings(): readonly string[] {
    return [...this.#sessions.values()].flatMap((session) => session.settings)
  }

  /** The files on the user's stage, which outlives sessions. */
  get stagedFiles(): readonly string[] {
    return this.#engine.stages.files
  }

  /** Roles, warehouses, policies, tasks and grants of the account. */
  get account(): AccountObjects {
    return this.#engine.account
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** Makes every token of now invalid until the SDK renews it. */
  expireSessions(): void {
    this.#expired = new Set(this.#sessions.keys())
  }

  /** Ends every session, as Snowflake does with those that are idle for long: their transactions roll back. */
  async dropSessions(): Promise<void> {
    const ended = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(ended.map((session) => session.close()))
  }

  /** Refuses connections for a while, and breaks those that are open. */
  async unreachable(milliseconds: number): Promise<void> {
    const address = this.#server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  /** The rows of a chunk that is still to be fetched. */
  rowsOfChunk(path: string): readonly (readonly (string | null)[])[] {
    return this.#chunks.get(path)?.texts() ?? []
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
    this.#engine.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const told = { method: request.method ?? 'GET', path: url.pathname, body: await bodyOf(request) }
    this.requests.push(told)
    try {
      if (await this.fault(told, response)) return
      await this.#route(told, url, tokenOf(request), response)
    } catch (error) {
      json(response, { success: false, code: '000000', message: String(error), data: {} })
    }
  }

  async #route(request: DoubleRequest, url: URL, token: string, response: ServerResponse): Promise<void> {
    const { path, body } = request
    if (path === '/session/v1/login-request') return json(response, await this.#login(url.searchParams))
    if (path === '/session/token-request') {
      this.#expired.delete(String(body['oldSessionToken']))
      return json(response, {
        success: true,
        code: null,
        message: null,
        data: {
          sessionToken: body['oldSessionToken'],
          masterToken: 'master',
          validityInSecondsST: 3600,
          validityInSecondsMT: 14400,
          sessionId: 1,
        },
      })
    }
    if (path.startsWith('/chunk/')) {
      response.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
      response.end(gzipSync(chunkText(this.#chunks.get(path)?.texts() ?? []), { level: 1 }))
      return
    }
    const session = this.#sessions.get(token)
    if (session === undefined)
      return json(response, { success: false, code: '390104', message: 'The session does not exist.', data: {} })
    if (this.#expired.has(token))
      return json(response, { success: false, code: '390112', message: 'Your session has expired.', data: {} })
    if (path === '/session') {
      this.#sessions.delete(token)
      await session.close()
      return json(response, { success: true, code: null, message: null, data: {} })
    }
    if (path === '/queries/v1/query-request')
      return this.#query(request, url.searchParams.get('requestId') ?? '', session, response)
    if (path.endsWith('/abort-request')) {
      this.#find(path.split('/')[2] ?? '', String(body['requestId']))?.session.interrupt()
      return json(response, { success: true, code: null, message: null, data: {} })
    }
    if (path.startsWith('/queries/') && path.endsWith('/result')) {
      const running = this.#find(path.split('/')[2] ?? '', '')
      if (running === undefined)
        return json(response, { success: false, code: '000709', message: 'Statement not found', data: {} })
      return this.#answer(request, running, response)
    }
    return json(response, { success: true, code: null, message: null, data: {} })
  }

  async #login(params: URLSearchParams): Promise<unknown> {
    const place = placeOf(params, this.account)
    if ('code' in place)
      return { success: false, code: place.code, message: place.message, data: { nextAction: 'RETRY_LOGIN' } }
    const token = randomUUID()
    this.#sessions.set(token, await this.#engine.session(place))
    return {
      success: true,
      code: null,
      message: null,
      data: {
        token,
        masterToken: 'master',
        sessionId: this.#sessions.size,
        validityInSeconds: 3600,
        masterValidityInSeconds: 14400,
        parameters: [{ name: 'TIMEZONE', value: 'UTC' }],
        sessionInfo: {
          databaseName: place.database,
          schemaName: place.schema,
          warehouseName: place.warehouse,
          roleName: place.role,
        },
      },
    }
  }

  // The SDK sends the same requestId when it repeats a request: the statement runs once.
  async #query(
    request: DoubleRequest,
    requestId: string,
    session: EngineSession,
    response: ServerResponse,
  ): Promise<void> {
    let running = this.#running.get(requestId)
    if (running === undefined) {
      const queryId = randomUUID()
      const bindings = Object.values((request.body['bindings'] ?? {}) as Readonly<Record<string, Bind>>)
      const sql = String(request.body['sqlText'])
      const describeOnly = request.body['describeOnly'] === true
      const tell = (answer: Answer | StatementError): void =>
        describeOnly ? undefined : this.ran({ session, sql, binds: bindings, answer })
      const answer = session.run(sql, bindings, describeOnly).then(
        (rows) => {
          tell(rows)
          return this.#encode(queryId, rows)
        },
        (error: unknown) => {
          if (error instanceof StatementError) tell(error)
          return failure(queryId, error)
        },
      )
      running = { session, queryId, answer }
      this.#running.set(requestId, running)
    }
    await this.#answer(request, running, response)
  }

  async #answer(request: DoubleRequest, { answer, queryId }: Running, response: ServerResponse): Promise<void> {
    const later = {
      success: true,
      code: '333333',
      message: 'Query execution in progress',
      data: { queryId, getResultUrl: `/queries/${queryId}/result` },
    }
    const soon = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, POLL_AFTER_MS, later))])
    if (await this.faultAfter(request, response)) return
    json(response, soon)
  }

  #find(queryId: string, requestId: string): Running | undefined {
    return this.#running.get(requestId) ?? [...this.#running.values()].find((running) => running.queryId === queryId)
  }

  #encode(queryId: string, { columns, parts, statementTypeId, transfer }: Answer): unknown {
    if (transfer !== undefined)
      return {
        success: true,
        code: null,
        message: null,
        data: { ...transfer, parameters: [], queryId, statementTypeId },
      }
    const first = this.chunksOnly && statementTypeId === 0x1000 ? undefined : parts[0]
    const rest = first === undefined ? parts : parts.slice(1)
    const total = parts.reduce((sum, { rows }) => sum + rows, 0)
    const chunks = rest.map((part) => {
      const path = `/chunk/${randomUUID()}`
      this.#chunks.set(path, part)
      return { url: `${this.url}${path}`, rowCount: part.rows, uncompressedSize: 1, compressedSize: 1 }
    })
    const rowtype = columns.map((column) => ({ ...column, byteLength: null, length: null }))
    return {
      success: true,
      code: null,
      message: null,
      data: {
        parameters: [{ name: 'TIMEZONE', value: 'UTC' }],
        rowtype,
        rowset: first?.texts() ?? [],
        total,
        returned: total,
        queryId,
        version: 1,
        statementTypeId,
        queryResultFormat: 'json',
        ...(chunks.length === 0 ? {} : { chunks, chunkHeaders: {} }),
      },
    }
  }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** Rows between commas, without the brackets around them. */
export function chunkText(rows: readonly (readonly (string | null)[])[]): string {
  return JSON.stringify(rows).slice(1, -1)
}

function failure(queryId: string, error: unknown): unknown {
  const { code, sqlState, message } =
    error instanceof StatementError ? error : new StatementError('000603', 'XX000', String(error))
  return {
    success: false,
    code,
    message,
    data: { errorCode: code, sqlState, queryId, internalError: false, line: -1, pos: -1, type: 'COMPILATION' },
  }
}

function tokenOf(request: IncomingMessage): string {
  return /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? ''
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const bytes = Buffer.concat(parts)
  if (bytes.length === 0) return {}
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
