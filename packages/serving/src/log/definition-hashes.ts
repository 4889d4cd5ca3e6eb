import { nameIn, readsOf, type ServicePlan } from '@martlet/feature-store'

/** Digits of a definition's hash in the log: enough to tell revisions of one definition apart. */
const DIGITS = 16

const known = new WeakMap<ServicePlan, Readonly<Record<string, string>>>()

/** The definitions that a service is read by: each view and each on-demand feature with the beginning of its hash. */
export function definitionHashes(service: ServicePlan): Readonly<Record<string, string>> {
  const found = known.get(service)
  if (found !== undefined) return found
  const views = readsOf(service).map((read) => ({ name: nameIn(read), hash: read.view.hash }))
  const all = [...views, ...(service.onDemand ?? []).map(({ plan }) => plan)]
  const hashes = Object.fromEntries(all.map(({ name, hash }) => [name, hash.slice(0, DIGITS)]))
  known.set(service, hashes)
  return hashes
}
