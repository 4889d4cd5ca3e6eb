import type { PolicyOptions } from '@martlet/drift'
import type {
  AnyFeatureService,
  AnyFeatureView,
  AnyIngestSource,
  AnyLabel,
  FeaturesFrom,
  MadeSpine,
  QualityOptions,
  SplitOptions,
} from '@martlet/feature-store'
import type {
  AuditOptions,
  Auth,
  InferenceOptions,
  JobLimits,
  Limits,
  PredictionLogOptions,
  TlsFiles,
} from '@martlet/serving'
import type * as catalogs from '../place/catalogs.ts'
import type { ConfigOf } from '../place/chosen.ts'
import type * as onlineStores from '../place/online-stores.ts'
import type * as warehouses from '../place/warehouses.ts'
import type { AlertsConfig } from './alerts-config.ts'
import type { JobKindConfig } from '../jobs/kinds/job-kind.ts'
import type { PipelineConfig } from './pipeline-config.ts'
import type { KafkaConfig } from './kafka-config.ts'
import type { ProfileConfig, ReferenceConfig } from './reference-config.ts'
import type { ParityConfig } from './parity-config.ts'
import type { TruthConfig } from './truth-config.ts'
import type { LoadConfig, SnapshotConfig } from './step-config.ts'
import type { ScheduleConfig } from './schedule-config.ts'

export type AnyDefinition = AnyFeatureView | AnyFeatureService | AnyLabel

/** Definitions in arrays; views of a listed service may be left out. */
export interface DefinitionLists {
  readonly views?: readonly AnyFeatureView[]
  readonly services?: readonly AnyFeatureService[]
  readonly labels?: readonly AnyLabel[]
  /** Where rows of facts come from. */
  readonly sources?: readonly AnyIngestSource[]
}

/** Lists, or a function that returns them or a module whose exports they are: `() => import('./definitions.ts')`. */
export type DefinitionsSource = DefinitionLists | (() => object | Promise<object>)

export interface ServingConfig {
  /** @default 8080 */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: string
  /** Files in PEM, read again when they change. @default plain HTTP, for a proxy that terminates TLS */
  readonly tls?: TlsFiles
  /**
   * Who may call: hashes of API keys, tokens of an issuer, the hosts of a gateway that checks callers, or `'none'` for this
   * machine only.
   */
  readonly auth: Auth
  /** Where it is written who asked for what; without it, nowhere. */
  readonly audit?: AuditOptions
  readonly limits?: Partial<Limits>
  /** Whether callers with the scope `jobs:run` may ask for jobs, which `martlet worker` does. @default false */
  readonly jobs?: boolean
  /** Which models run in a process of their own. @default 'when needed' */
  readonly isolation?: 'when needed' | 'always' | 'never'
  /** In how many threads slow models run, and how requests share runs. @default see `InferenceOptions` */
  readonly inference?: InferenceOptions
  /** Where predictions are logged; without it they are not. */
  readonly log?: PredictionLogOptions
}

/**
 * Current rows to compare with a reference profile: exactly one of `service`, `view`, `model`, `table`, `truth` and `parity` says
 * where they are.
 */
export interface MonitorConfig {
  readonly name: string
  /** The reference profile that `martlet training-set` stored. @default the service, else the monitor's name */
  readonly profile?: string
  /** Vectors of a feature service, from its materialized views. */
  readonly service?: string
  /** Rows of one materialized view. */
  readonly view?: string
  /** The log of a model's predictions; `serving.log.folder` says where it is. */
  readonly model?: string
  /** A table or view of the warehouse whose columns are named as in the profile. */
  readonly table?: string
  /** Predictions of a model against what happened; it needs no profile. */
  readonly truth?: TruthConfig
  /** Logged vectors of a model against what the definitions give; it needs no profile. */
  readonly parity?: ParityConfig
  /** The column that says when a row of `table` happened. */
  readonly time?: string
  /** Columns that say which entity a row is about, because rows of one entity are alike. @default the keys, where they are known */
  readonly entity?: readonly string[]
  /** The column by which rows count, such as an exposure; the profile must count by it, too. @default that of the profile */
  readonly weight?: string
  /** The columns of the profile to look at. @default all that the rows can have */
  readonly columns?: readonly string[]
  /** Columns of `table` that are not features. */
  readonly ignore?: readonly string[]
  /** Length of one window, such as `7d`. @default all rows are one window */
  readonly window?: string
  /** How many windows, up to now. @default 4 */
  readonly windows?: number
  /** What windows are compared with: rows of the same season, or earlier rows. @default all of the stored profile */
  readonly reference?: ReferenceConfig
  /**
   * The table of the rows that the profile was made of, such as `training.<name>`: distances are counted exactly where bins
   * leave a decision open, and all columns together are compared. Not with `reference`.
   */
  readonly referenceRows?: string
  readonly policy?: PolicyOptions
  /** Also estimates how well the model does without labels; the profile must have a calibration. @default false */
  readonly estimate?: boolean
  /** The channels of `alerts.channels` that are told when it begins to alert and when it has recovered. */
  readonly alert?: readonly string[]
}

export interface TrainingSetConfig {
  readonly name: string
  readonly service: string
  /** Names of labels. */
  readonly labels?: readonly string[]
  /**
   * The rows of keys and times: a table, a file that ends in `.sql` with one query, or a spine that is made with
   * `everyGrid` or `whenever`.
   */
  readonly spine: string | MadeSpine
  /** The spine's time column; of a spine that is made, the name that it gets. */
  readonly time: string
  /** The IANA time zone of the spine's times. @default 'UTC' */
  readonly zone?: string
  /** The end of the data for labels, ISO 8601. @default the newest event */
  readonly asOf?: string
  /** @default 'facts' */
  readonly from?: FeaturesFrom
  /** The borders between train, validation and test; rows whose labels reach across one are left out. */
  readonly split?: SplitOptions
  /** The table to write. @default `training.<name>` */
  readonly into?: string
  /** How its reference profile is divided, for monitors that compare with the same season or learn floors. */
  readonly profile?: ProfileConfig
}

/** A DuckDB file, which one process at a time opens, or a Snowflake account. */
export type WarehouseConfig = ConfigOf<typeof warehouses>

/** A SQLite file, which several processes of one machine may open, or tables in the Snowflake account of `warehouse`. */
export type CatalogConfig = ConfigOf<typeof catalogs>

/** How many jobs may wait, how long one may take, and how long those that have ended are kept; and what they are. */
export interface JobsConfig extends Partial<JobLimits> {
  /** Kinds of jobs beside those of Martlet, by name: see `jobKind`. */
  readonly kinds?: Readonly<Record<string, JobKindConfig>>
  /**
   * A schema of the warehouse with the tables `jobs`, `job_runs`, `job_artifacts` and `job_measures`, which workers keep
   * up to date. A row that is added to `jobs` asks for a job. @default there are no such tables
   */
  readonly schema?: string
}

/** What `martlet.config.ts` exports. Relative paths count from the folder of that file. */
export interface MartletConfig {
  readonly warehouse: WarehouseConfig
  readonly catalog: CatalogConfig
  /** `'memory'` keeps nothing between two commands: for tests. */
  readonly online: ConfigOf<typeof onlineStores>
  readonly artifacts: { readonly folder: string }
  readonly definitions: DefinitionsSource
  readonly serving?: ServingConfig
  readonly quality?: QualityOptions | false
  readonly monitors?: readonly MonitorConfig[]
  readonly trainingSets?: readonly TrainingSetConfig[]
  /** What `martlet load` does, in this order. */
  readonly loads?: readonly LoadConfig[]
  /** What `martlet snapshot` does, in this order. */
  readonly snapshots?: readonly SnapshotConfig[]
  /** What runs by itself, with `martlet run-due`. */
  readonly schedules?: readonly ScheduleConfig[]
  /** Commands that `martlet run` runs for values that are given with it. */
  readonly pipelines?: readonly PipelineConfig[]
  readonly alerts?: AlertsConfig
  /** Where events come from beside pushes and files: the cluster of sources with `from: kafka(…)`. */
  readonly ingest?: { readonly kafka?: KafkaConfig }
  /** Limits of jobs, kinds of your own, and the tables for SQL. */
  readonly jobs?: JobsConfig
  /** Where drift reports go. @default 'reports' */
  readonly reports?: string
}

/** Types a configuration: `export default defineConfig({ … })` in `martlet.config.ts`. */
export function defineConfig<const C extends MartletConfig>(config: C): C {
  return config
}
