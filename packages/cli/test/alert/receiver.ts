import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

/** A server that keeps what it is sent, and answers as it is told to. */
export async function startReceiver(
  answer: (call: number) => number = () => 200,
  replyHeaders: Readonly<Record<string, string>> = {},
): Promise<
  AsyncDisposable & { readonly url: string; readonly received: Received[]; answer: (call: number) => number }
> {
  const received: Received[] = []
  const receiver = {
    url: '',
    received,
    answer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      received.push({ headers: request.headers, body, path: request.url ?? '' })
      response.writeHead(receiver.answer(received.length), replyHeaders).end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return receiver
}
