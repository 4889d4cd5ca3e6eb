import { serviceKeys, storedKey, type ServicePlan } from '@martlet/feature-store'
import type { EntityKey } from '../../features/key-reader.ts'

/**
 * Where an entity stands between 0 and 100: it belongs to the candidate when it is below the weight. An entity keeps its place for a
 * whole roll-out, so one that is given to the candidate stays with it as the weight grows.
 *
 * @param salt another one, such as the next roll-out's, makes other places
 * @param text the canonical text of the entity's key
 * @example entityShare('churn/3', 'c01') < 25 // whether c01 is among a quarter of all entities
 */
export function entityShare(salt: string, text: string): number {
  return (mixed(hashed(text, hashed('\n', hashed(salt, 0x811c9dc5)))) / 2 ** 32) * 100
}

/** FNV-1a over UTF-16 code units. */
function hashed(text: string, start: number): number {
  let hash = start
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  return hash
}

/** The last step of MurmurHash3, without which similar keys would be near each other. */
function mixed(hash: number): number {
  let value = hash
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** The key columns of a service as one text, the same for each way to write a value; undefined when the service has no keys. */
export function keyTextOf(plan: ServicePlan): ((key: EntityKey) => string) | undefined {
  const columns = serviceKeys(plan)
  if (columns.length === 0) return undefined
  return (key) => {
    let text = ''
    for (const { name, type } of columns) {
      const value = String(storedKey(type, key[name]) ?? key[name])
      text += columns.length === 1 ? value : `${value.length}:${value}`
    }
    return text
  }
}
