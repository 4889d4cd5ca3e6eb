import type { ArtifactStore } from './artifact/artifact-store.ts'
import type { PromotionPolicy } from './promote/promotion-policy.ts'
import type { TrialOptions } from './run/trial.ts'
import type { OnnxRuntime } from './runtime/onnx-runtime.ts'
import type { RegistryDb, StoreDialect } from './store/store-dialect.ts'

/** What all operations of one open registry share. */
export interface RegistryContext {
  readonly db: RegistryDb
  readonly dialect: StoreDialect
  readonly artifacts: ArtifactStore
  /** Loaded at first use: reading a registry needs no runtime. */
  readonly runtime: () => Promise<OnnxRuntime>
  /** How models are tried at registration and by `check`. */
  readonly trial: TrialOptions
  readonly policy: PromotionPolicy | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
