import type { Job, JobRequest, JobsAnswer } from '../protocol/jobs/job-answers.ts'
import { RequestRefused, type CallOptions } from './client.ts'

export interface JobsClientOptions {
  /** Where the app is mounted, such as `https://ml.example.com` or `http://localhost:8080/ml`. */
  readonly url: string
  /** A key with the scope `jobs:run`. */
  readonly apiKey?: string
  /** Another `fetch`, such as `app.request` in tests. @default the global one */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response> | Response
}

export interface JobsQuery extends CallOptions {
  readonly states?: readonly Job['state'][]
  readonly kinds?: readonly Job['kind'][]
  /** @default 50 */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/** Asks for work that workers do. */
export interface JobsClient {
  /**
   * Adds a job, or finds the one with the same idempotency key.
   *
   * @throws RequestRefused when the server refuses
   */
  submit<K extends string>(job: { readonly kind: K } & JobRequest<K>, options?: CallOptions): Promise<Job>
  /**
   * A page of jobs, the newest first.
   *
   * @throws RequestRefused when the server refuses
   */
  list(query?: JobsQuery): Promise<JobsAnswer>
  /**
   * One job: state, progress, the end of its log, result.
   *
   * @throws RequestRefused when the server refuses, with the code `JOB_UNKNOWN` when there is none
   */
  get(id: string, options?: CallOptions): Promise<Job>
  /**
   * Cancels a job; one that runs ends a little later.
   *
   * @throws RequestRefused when the server refuses
   */
  cancel(id: string, options?: CallOptions): Promise<Job>
  /**
   * Asks again and again until the job has ended, every `everyMs` milliseconds (1000 by default).
   *
   * @throws RequestRefused when the server refuses, and what `signal` was aborted with
   */
  ended(id: string, options?: CallOptions & { readonly everyMs?: number }): Promise<Job>
}

/**
 * A client of the jobs of a server.
 *
 * @example const job = await createJobsClient({ url, apiKey }).submit({ kind: 'materialize' })
 */
export function createJobsClient({ url, apiKey, fetch: send = fetch }: JobsClientOptions): JobsClient {
  const base = url.replace(/\/+$/, '')
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  }
  async function call<T>(method: 'GET' | 'POST', path: string, options: CallOptions = {}, body?: object): Promise<T> {
    const { signal } = options
    const response = await send(`${base}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    if (!response.ok) throw new RequestRefused(path, response.status, text, method)
    return JSON.parse(text)
  }
  const of = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`
  return {
    submit: (job, options) => call('POST', '/v1/jobs', options, job),
    list({ states, kinds, limit, after, ...options } = {}) {
      const query = new URLSearchParams({
        ...(states === undefined ? {} : { state: states.join(',') }),
        ...(kinds === undefined ? {} : { kind: kinds.join(',') }),
        ...(limit === undefined ? {} : { limit: String(limit) }),
        ...(after === undefined ? {} : { after }),
      })
      return call('GET', `/v1/jobs${query.size === 0 ? '' : `?${query.toString()}`}`, options)
    },
    get: (id, options) => call('GET', of(id), options),
    cancel: (id, options) => call('POST', `${of(id)}/cancel`, options, {}),
    async ended(id, { everyMs = 1000, ...options } = {}) {
      for (;;) {
        const job = await call<Job>('GET', of(id), options)
        if (job.endedAt !== null) return job
        await paused(everyMs, options.signal)
      }
    },
  }
}

function paused(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
  })
}
