import type { RequestListener, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { watchFiles } from './http/access/watched-files.ts'
import type { OnFailure } from './http/failure.ts'

/** A certificate, with those between it and the root, and its key: paths of files in PEM. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/**
 * A server that speaks TLS, by the newest certificate that its files hold. While they are wrong or do not belong together, the
 * one before is used.
 *
 * @throws MartletError `INVALID_TLS` when the files cannot be used
 */
export function tlsServer(
  { cert, key }: TlsFiles,
  options: ServerOptions,
  onRequest: RequestListener,
  onError: OnFailure,
): Server {
  const files = watchFiles({
    name: 'tls',
    code: 'INVALID_TLS',
    paths: [cert, key],
    read([chain = '', secret = '']) {
      const pair = { cert: chain, key: secret }
      createSecureContext(pair)
      return pair
    },
    onReload(failure) {
      if (failure === undefined) server.setSecureContext(files.current)
      else onError({ requestId: '-', route: 'tls', error: failure })
    },
  })
  // A handshake that does not come is like headers that do not come.
  const times = { ...options, handshakeTimeout: options.headersTimeout ?? 10_000 }
  const server = createServer({ ...times, ...files.current }, onRequest)
  server.once('close', files.close)
  return server
}
