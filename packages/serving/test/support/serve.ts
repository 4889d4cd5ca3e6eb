import { openMemoryStore } from '@martlet/feature-store'
import { fixedCatalog, serving, type ServingApp, type ServingOptions } from '../../src/index.ts'
import { metered, nextDay, now, publishEnergy, usageOnly } from './energy.ts'

/** The energy services on a memory store, open to everyone, at a fixed time. */
export async function serveEnergy(options: Partial<ServingOptions> = {}): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishEnergy(online)
  return serving({
    catalog: fixedCatalog({ services: [nextDay.plan, usageOnly.plan, metered.plan] }),
    online,
    auth: 'none',
    now: () => now,
    ...options,
  })
}

export function post(
  app: ServingApp,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return Promise.resolve(
    app.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  )
}
