import type { AnyIngestSource, IngestEvent } from '@martlet/feature-store'
import type { PushAnswer } from '../protocol/push/push-answer.ts'
import { RequestRefused, type CallOptions } from './client.ts'

export interface PushClientOptions<S extends AnyIngestSource> {
  /** Where the app is mounted, such as `https://ml.example.com` or `http://localhost:8080/ml`. */
  readonly url: string
  /** The name of the source; another name than that of `S` does not compile. */
  readonly source: S['name']
  /** A key with the scope `events:push`. */
  readonly apiKey?: string
  /** Another `fetch`, such as `app.request` in tests. @default the global one */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response> | Response
}

/** Pushes events of one source. */
export interface PushClient<S extends AnyIngestSource> {
  /**
   * Pushes events; they are durable when it resolves. Those whose ids are known change nothing, so it can be called again
   * with the same events after any failure.
   *
   * @throws RequestRefused when the server refuses all of them
   */
  push(events: readonly IngestEvent<S>[], options?: CallOptions): Promise<PushAnswer>
}

/**
 * A client whose events have the types of a source. It needs the type of the source, not its definition.
 *
 * @example const client = createPushClient<typeof payments>({ url: 'http://localhost:8080', source: 'payments' })
 */
export function createPushClient<S extends AnyIngestSource>(options: PushClientOptions<S>): PushClient<S> {
  const { url, source, apiKey, fetch: send = fetch } = options
  const path = `/v1/push/${encodeURIComponent(source)}`
  const to = `${url.replace(/\/+$/, '')}${path}`
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  }
  return {
    async push(events, { signal } = {}) {
      const body = events.map((event) => JSON.stringify(event, digits)).join('\n')
      const response = await send(to, {
        method: 'POST',
        headers,
        body,
        ...(signal === undefined ? {} : { signal }),
      })
      const text = await response.text()
      if (!response.ok) throw new RequestRefused(path, response.status, text)
      return JSON.parse(text)
    },
  }
}

/** 64-bit numbers travel as strings of digits. */
function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
