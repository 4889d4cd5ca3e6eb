import type { DriftResult } from '@martlet/drift'
import type { MonitorAnswer, MonitorsAnswer } from '../protocol/monitors/monitor-answers.ts'
import { RequestRefused, type CallOptions } from './client.ts'

export interface MonitorsClientOptions {
  /** Where the app is mounted, such as `https://ml.example.com` or `http://localhost:8080/ml`. */
  readonly url: string
  /** A key with the scope `monitors:read`. */
  readonly apiKey?: string
  /** Another `fetch`, such as `app.request` in tests. @default the global one */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response> | Response
}

/** Reads what monitors found. */
export interface MonitorsClient {
  /**
   * All monitors with a report, what needs a person first.
   *
   * @throws RequestRefused when the server refuses
   */
  list(options?: CallOptions): Promise<MonitorsAnswer>
  /**
   * One monitor: verdict, faults of the data, causes, what to do, and its windows.
   *
   * @throws RequestRefused when the server refuses, with the code `MONITOR_UNKNOWN` when there is none
   */
  get(monitor: string, options?: CallOptions): Promise<MonitorAnswer>
  /**
   * The whole result of a monitor's last run.
   *
   * @throws RequestRefused when the server refuses, with the code `MONITOR_UNKNOWN` when there is none
   */
  report(monitor: string, options?: CallOptions): Promise<DriftResult>
}

/**
 * A client of the monitors of a server.
 *
 * @example const { monitors } = await createMonitorsClient({ url, apiKey }).list()
 */
export function createMonitorsClient({ url, apiKey, fetch: send = fetch }: MonitorsClientOptions): MonitorsClient {
  const base = url.replace(/\/+$/, '')
  const headers = {
    accept: 'application/json',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  }
  async function get<T>(path: string, { signal }: CallOptions = {}): Promise<T> {
    const response = await send(`${base}${path}`, { headers, ...(signal === undefined ? {} : { signal }) })
    const text = await response.text()
    if (!response.ok) throw new RequestRefused(path, response.status, text, 'GET')
    return JSON.parse(text)
  }
  const of = (monitor: string): string => `/v1/monitors/${encodeURIComponent(monitor)}`
  return {
    list: (options) => get('/v1/monitors', options),
    get: (monitor, options) => get(of(monitor), options),
    report: (monitor, options) => get(`${of(monitor)}/report`, options),
  }
}
