import {
  serviceKeys,
  vectorFields,
  type MaybePromise,
  type OnlineReader,
  type OnlineVectors,
  type ServicePlan,
  type StoredRows,
  type VectorField,
  type ViewPlan,
} from '@martlet/feature-store'
import type { EntityKey, KeyReader } from './key-reader.ts'
import { vectorWriter, type VectorWriter } from './vector-writer.ts'

/** Where the rows of a view are, if not under its own name. */
export type StoredAt = (view: ViewPlan) => StoredRows | undefined

export type OpenReader = (service: ServicePlan, stored?: StoredAt) => OnlineReader

/** A service, or some of its features, prepared: everything that does not depend on a request is decided here. */
export interface PreparedRead {
  readonly plan: ServicePlan
  readonly fields: readonly VectorField[]
  readonly keys: KeyReader
  /** Reads with checked keys. Keys of the whole service also serve a part of it. */
  read(keys: readonly EntityKey[], now: bigint): MaybePromise<OnlineVectors>
  readonly writer: VectorWriter
}

/** Prepares a read. The keys are those of the whole service, so that choosing features never changes which keys are needed. */
export function prepareRead(plan: ServicePlan, open: OpenReader, keys: KeyReader, stored?: StoredAt): PreparedRead {
  const reader = open(plan, stored)
  const needed = serviceKeys(plan).map(({ name }) => name)
  const narrow = needed.length < keys.columns.length
  return {
    plan,
    fields: vectorFields(plan),
    keys,
    read: (given, now) => reader.read(narrow ? given.map((key) => pick(key, needed)) : given, { now }),
    writer: vectorWriter(plan),
  }
}

function pick(key: EntityKey, names: readonly string[]): EntityKey {
  const picked: Record<string, EntityKey[string]> = {}
  for (const name of names) {
    const value = key[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
