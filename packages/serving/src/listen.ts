import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { MartletError } from '@martlet/warehouse'
import { answerBrokenRequests } from './http/call/broken-request.ts'
import { printFailure, type OnFailure } from './http/failure.ts'
import type { ServingLife } from './serving.ts'
import { tlsServer, type TlsFiles } from './tls-server.ts'
import { givenConnections, type GivenConnections } from './workers/given-connections.ts'
import { opened } from './workers/listening.ts'
import type { ServingWorker } from './workers/serving-worker.ts'

export interface ListenOptions {
  /** 0 picks a free port. @default 8080 */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: string
  /** The serving apps mounted in `app`: started first and closed last. @default `app` itself, when it is one */
  readonly parts?: readonly ServingLife[]
  /** Milliseconds that requests under way may take to finish on shutdown. @default 10000 */
  readonly shutdownMs?: number
  /** Milliseconds between becoming not ready and refusing connections, so that load balancers notice. @default 0 */
  readonly drainMs?: number
  /** Milliseconds for the headers of a request to arrive. @default 10000 */
  readonly headersTimeoutMs?: number
  /** Milliseconds for a whole request to arrive. @default 30000 */
  readonly requestTimeoutMs?: number
  /** Connections at once; further ones are closed immediately. @default 10000 */
  readonly maxConnections?: number
  /** Milliseconds an idle connection is kept. @default 65000 */
  readonly keepAliveMs?: number
  /** Shut down on SIGTERM and SIGINT; the second signal closes every connection. @default true */
  readonly signals?: boolean
  /** Files in PEM, read again when they change. Left out: plain HTTP, for a proxy that terminates TLS. */
  readonly tls?: TlsFiles
  /** Called when changed files of `tls` cannot be used. @default prints one line on stderr */
  readonly onError?: OnFailure
  /** One of several processes: connections come from `serveWorkers`, which listens. `port` and `host` are not used then. */
  readonly worker?: ServingWorker
}

/** Any Hono app. */
export interface ListenApp {
  fetch(request: Request, bindings: object): Response | Promise<Response>
}

export interface Listening extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Stops accepting, lets requests finish, writes the logs. Resolves when everything is closed. */
  close(): Promise<void>
  /** Closes every connection now. */
  force(): void
  /** Settles when everything is closed, whoever closed it. */
  readonly closed: Promise<void>
}

/**
 * Starts the serving parts and listens.
 *
 * @throws MartletError `LISTEN_FAILED` when the port is not available
 * @throws MartletError `INVALID_TLS` when the files of `tls` cannot be used
 * @throws MartletError `LISTEN_REFUSED` when a part needs no key and the host is reachable from other machines
 */
export async function listen(app: ListenApp, options: ListenOptions = {}): Promise<Listening> {
  const { port = 8080, shutdownMs = 10_000, drainMs = 0, signals = true, worker } = options
  const host = worker?.host ?? options.host ?? '127.0.0.1'
  const parts = options.parts ?? (isPart(app) ? [app] : [])
  if (parts.some(({ loopbackOnly }) => loopbackOnly)) refuseOpenHost(host)
  await Promise.all(parts.map((part) => part.start()))
  // Requests of HTTP/1.0 need not name a host.
  const throughApp = getRequestListener(app.fetch, { hostname: 'localhost' })
  const direct = isPart(app) ? app.direct : undefined
  const times = {
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: options.keepAliveMs ?? 65_000,
    connectionsCheckingInterval: 1000,
  }
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    onAnswer(incoming.socket, outgoing)
    if (direct?.(incoming, outgoing) !== true) void throughApp(incoming, outgoing)
  }
  const { tls, onError = printFailure } = options
  const server = tls === undefined ? createServer(times, onRequest) : tlsServer(tls, times, onRequest, onError)
  const onAnswer = answerBrokenRequests(server)
  server.maxConnections = options.maxConnections ?? 10_000
  const given = worker === undefined ? undefined : givenConnections(server, () => worker.closed())
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>()
  let closing: Promise<void> | undefined

  /** @param handOver whether others go on: then clients have time to be told, by an answer, that this connection ends */
  async function close(handOver: boolean): Promise<void> {
    worker?.leave()
    for (const part of parts) part.drain()
    if (handOver && given !== undefined) await Promise.race([given.none(), wait(HAND_OVER_MS), hurried])
    if (drainMs > 0) await wait(drainMs)
    await finished(server, shutdownMs, given)
    await Promise.all(parts.map((part) => part.close()))
    await worker?.end()
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    resolve()
  }
  function closeOnce(handOver = false): Promise<void> {
    if (!handOver) hurry()
    closing ??= close(handOver)
    return closing
  }
  function onSignal(): void {
    if (closing !== undefined) force()
    else void closeOnce(worker !== undefined)
  }
  function force(): void {
    void closeOnce()
    server.closeAllConnections()
  }
  if (signals) {
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  }
  const address =
    worker === undefined || given === undefined
      ? await opened(server, port, host)
      : await worker.begin({
          connection: (socket) => given.add(socket),
          open: () => given.open,
          shed: (connections) => given.shed(connections),
          stop: (handOver) => void closeOnce(handOver),
          force,
        })
  return {
    port: address.port,
    url: tls === undefined ? address.url : address.url.replace(/^http:/, 'https:'),
    close: () => closeOnce(),
    force: () => server.closeAllConnections(),
    closed,
    [Symbol.asyncDispose]: () => closeOnce(),
  }
}

/** How long the clients of a worker that is replaced have to send a request, whose answer says that they should connect anew. */
const HAND_OVER_MS = 5000

/** Without keys, everyone who reaches the port is answered. */
function refuseOpenHost(host: string): void {
  if (['localhost', '127.0.0.1', '::1'].includes(host.toLowerCase())) return
  throw new MartletError(
    'LISTEN_REFUSED',
    `auth is 'none', so this server answers only this machine and does not listen on ${host}. ` +
      'Configure API keys, or auth: { gateway: { hosts: […] } } behind a gateway that checks its callers.',
    { data: { host } },
  )
}

/** Closes the server once the requests under way have been answered or their time is up. */
async function finished(server: Server, shutdownMs: number, given: GivenConnections | undefined): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), shutdownMs)
  // A connection that is busy now becomes idle later.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await closed
  // A server that does not listen itself does not wait for its connections.
  await given?.none()
  clearTimeout(timer)
  clearInterval(sweep)
}

function isPart(app: object): app is ServingLife {
  return 'start' in app && 'drain' in app && 'close' in app
}
