import { randomBytes } from 'node:crypto'

/** A unique name for a temporary table, such as `spine_5f3a90c1d2e4`. */
export function temporaryTableName(purpose: string): string {
  return `${purpose}_${randomBytes(6).toString('hex')}`
}
