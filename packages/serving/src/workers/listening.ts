import type { Server } from 'node:net'
import { MartletError } from '@martlet/warehouse'

/** Connections that the system keeps until they are accepted; it may keep fewer (Linux: net.core.somaxconn). */
const BACKLOG = 4096

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** @throws MartletError `LISTEN_FAILED` when the port is not available */
export function opened(
  server: Server,
  port: number,
  host: string,
): Promise<{ readonly url: string; readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new MartletError(
          'LISTEN_FAILED',
          `Cannot listen on ${host}:${port}: ${cause.message}. Choose another port, or stop what uses this one.`,
          { data: { host, port }, cause },
        ),
      ),
    )
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const address = server.address()
      const actual = typeof address === 'object' && address !== null ? address.port : port
      resolve({ url: urlOf(host, actual), port: actual })
    })
  })
}
