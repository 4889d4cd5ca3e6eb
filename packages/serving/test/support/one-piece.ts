import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** The text of the answer to a POST of JSON whose head and body are sent in one piece. */
export function postInOnePiece(url: string, body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  request(url, { method: 'POST', headers }, resolve).on('error', reject).end(body)
  return promise.then(text)
}
