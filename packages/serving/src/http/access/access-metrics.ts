import { Counter, Gauge } from 'prom-client'
import type { MetricsPage } from '../../desk/desk-metrics.ts'
import { authenticator, type Auth, type Authenticator } from './authenticator.ts'

/**
 * Prepares the check of callers, with metrics of the files and URLs that they are known from.
 *
 * @param onError called once for each way in which a source cannot be used
 * @throws MartletError `INVALID_AUTH` when the configuration could not work
 */
export function accessOf(auth: Auth, { registry }: MetricsPage, onError: (error: unknown) => void): Authenticator {
  const registers = [registry]
  const reloads = new Counter({
    name: 'martlet_access_reloads_total',
    help: 'Changed files and URLs of keys, by source and outcome',
    labelNames: ['source', 'outcome'],
    registers,
  })
  const stale = new Gauge({
    name: 'martlet_access_stale',
    help: '1 while a file or URL of keys cannot be used, and what was read before counts',
    labelNames: ['source'],
    aggregator: 'max',
    registers,
  })
  return authenticator(auth, {
    onReload(source, failure) {
      reloads.inc({ source, outcome: failure === undefined ? 'loaded' : 'failed' })
      stale.set({ source }, failure === undefined ? 0 : 1)
      if (failure !== undefined) onError(failure)
    },
  })
}
