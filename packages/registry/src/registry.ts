import type { Kysely } from 'kysely'
import type { ArtifactStore } from './artifact/artifact-store.ts'
import { noteTrainingSet, type TrainingSetNote } from './erase/note-training-set.ts'
import { redactRegistry, type Redacted, type Redaction } from './erase/redact-registry.ts'
import { aliasHistory, type AliasHistory, type AliasMove } from './promote/alias-log.ts'
import { rollbackAlias, setAlias, unsetAlias, type MoveReason, type SetAliasOptions } from './promote/move-alias.ts'
import type { PromotionPolicy } from './promote/promotion-policy.ts'
import { listAliases, resolveVersion, type AliasTarget } from './promote/resolve.ts'
import { registerVersion, type Registered, type Registration } from './register/register-version.ts'
import type { RegistryContext } from './registry-context.ts'
import { rolloutsOf, type Rollouts } from './rollout/rollouts.ts'
import type { TrialOptions } from './run/trial.ts'
import { nodeRuntime } from './runtime/node-runtime.ts'
import type { OnnxRuntime } from './runtime/onnx-runtime.ts'
import { sqliteDialect } from './store/sqlite-dialect.ts'
import { registryDb, type StoreDialect } from './store/store-dialect.ts'
import { changeLifecycle, changeTag, describe } from './version/change-version.ts'
import { checkVersion } from './version/check-version.ts'
import type { ModelVersion, RegisteredModel } from './version/model-version.ts'
import { readArtifact, type ModelArtifact } from './load/read-artifact.ts'
import { listModels, listVersions, readVersion, type VersionFilter } from './version/read-versions.ts'
import { sweepArtifacts, type SweepOptions, type Swept } from './version/sweep-artifacts.ts'

export interface RegistryOptions<DB> {
  /** The catalog. For SQLite: WAL and a busy timeout, so that several processes can use it. */
  readonly db: Kysely<DB>
  readonly artifacts: ArtifactStore
  /**
   * Runs the models. A runtime without `isolated` is trusted: models are tried and run in it directly, without limits.
   * @default onnxruntime-node, loaded when a model is first run
   */
  readonly runtime?: OnnxRuntime
  /** The largest batch and the limits of the trial that `register` and `check` run. */
  readonly trial?: TrialOptions
  /** Asked before every alias move. @default every move is allowed */
  readonly policy?: PromotionPolicy
  /** @default SQLite */
  readonly dialect?: StoreDialect
  /** Milliseconds since the epoch. @default the clock */
  readonly now?: () => number
}

type Because = { readonly actor: string; readonly reason?: string }

/** Model versions, the aliases that say which of them are live, and the log of how the aliases moved. */
export interface Registry {
  readonly artifacts: ArtifactStore
  readonly runtime: () => Promise<OnnxRuntime>
  /** Checks, runs and stores a model. */
  register(registration: Registration): Promise<Registered>
  models(): Promise<readonly RegisteredModel[]>
  /** One version, even when it is deleted. */
  version(model: string, version: number): Promise<ModelVersion>
  /** Versions that match, newest first. */
  versions(filter?: VersionFilter): Promise<readonly ModelVersion[]>
  /** What every alias of every model points to now: one small query, cheap enough for once per second. */
  aliases(): Promise<readonly AliasTarget[]>
  /** The version that an alias or a number names. */
  resolve(model: string, reference: string | number): Promise<ModelVersion>
  setTag(model: string, version: number | null, tag: string, value: string): Promise<void>
  removeTag(model: string, version: number | null, tag: string): Promise<void>
  describe(model: string, version: number | null, description: string): Promise<void>
  archive(model: string, version: number, because: Because): Promise<void>
  /** Makes an archived version active again. */
  restore(model: string, version: number, because: Because): Promise<void>
  delete(model: string, version: number, because: Because): Promise<void>
  /** The file of a version, verified against its SHA-256. */
  artifact(model: string, version: string | number): Promise<ModelArtifact>
  /** Removes artifacts that no version needs. The folder must belong to this registry alone. */
  sweep(options?: SweepOptions): Promise<Swept>
  /** Verifies and runs a version again and records whether it still works. */
  check(model: string, version: number): Promise<ModelVersion>
  setAlias(model: string, alias: string, version: number, options: SetAliasOptions): Promise<AliasMove>
  unsetAlias(model: string, alias: string, options: SetAliasOptions): Promise<AliasMove>
  rollback(model: string, alias: string, options: MoveReason): Promise<AliasMove>
  /** Roll-outs: one version takes over the requests of another, step by step. */
  readonly rollouts: Rollouts
  /** Removes the keys of an erasure from golden rows, training-set records, descriptions and tags. */
  redact(redaction: Redaction): Promise<Redacted>
  /** Notes in the versions that were trained on a set that rows were erased from it; returns how many were changed. */
  noteTrainingSet(note: TrainingSetNote): Promise<number>
  /** What an alias pointed to, now or at an instant, and every move until then. */
  history(model: string, alias: string, options?: { readonly at?: Date }): Promise<AliasHistory>
}

/**
 * Opens the registry in a catalog and creates the tables that are missing.
 *
 * @throws MartletError CATALOG_INVALID when `db` is not a Kysely
 * @throws MartletError CATALOG_BUSY when other processes keep the catalog locked
 */
export async function openRegistry<DB>(options: RegistryOptions<DB>): Promise<Registry> {
  let runtime: Promise<OnnxRuntime> | undefined
  const dialect = options.dialect ?? sqliteDialect
  const db = registryDb(options.db)
  const context: RegistryContext = {
    db: dialect.place?.(db) ?? db,
    dialect,
    artifacts: options.artifacts,
    runtime: () => (runtime ??= options.runtime === undefined ? nodeRuntime() : Promise.resolve(options.runtime)),
    trial: options.trial ?? {},
    policy: options.policy,
    now: options.now ?? Date.now,
  }
  await context.dialect.ensure(context.db)
  return {
    artifacts: context.artifacts,
    runtime: context.runtime,
    register: (registration) => registerVersion(context, registration),
    models: () => listModels(context),
    version: (model, version) => readVersion(context, model, version),
    versions: (filter) => listVersions(context, filter),
    aliases: () => listAliases(context),
    resolve: (model, reference) => resolveVersion(context, model, reference),
    setTag: (model, version, tag, value) => changeTag(context, model, version, tag, value),
    removeTag: (model, version, tag) => changeTag(context, model, version, tag, undefined),
    describe: (model, version, description) => describe(context, model, version, description),
    archive: (model, version, because) => changeLifecycle(context, model, version, 'archived', because),
    restore: (model, version, because) => changeLifecycle(context, model, version, 'active', because),
    delete: (model, version, because) => changeLifecycle(context, model, version, 'deleted', because),
    artifact: (model, version) => readArtifact(context, model, version),
    sweep: (options) => sweepArtifacts(context, options),
    check: (model, version) => checkVersion(context, model, version),
    setAlias: (model, alias, version, move) => setAlias(context, model, alias, version, move),
    unsetAlias: (model, alias, move) => unsetAlias(context, model, alias, move),
    rollback: (model, alias, move) => rollbackAlias(context, model, alias, move),
    rollouts: rolloutsOf(context),
    redact: (redaction) => redactRegistry(context, redaction),
    noteTrainingSet: (note) => noteTrainingSet(context, note),
    history: (model, alias, at) => aliasHistory(context, model, alias, at),
  }
}
