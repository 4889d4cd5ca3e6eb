export { defineConfig } from './config/martlet-config.ts'
export type {
  AnyDefinition,
  CatalogConfig,
  DefinitionLists,
  DefinitionsSource,
  JobsConfig,
  MartletConfig,
  MonitorConfig,
  ServingConfig,
  TrainingSetConfig,
  WarehouseConfig,
} from './config/martlet-config.ts'
export { jobKind, type JobArtifact, type JobContext, type JobKindConfig } from './jobs/kinds/job-kind.ts'
export type { LoadConfig, MergeLoadConfig, SliceLoadConfig, SnapshotConfig } from './config/step-config.ts'
export type { ParameterConfig, ParameterConfigs, ParameterType } from './config/parameter-config.ts'
export type { ProfileConfig, ReferenceConfig } from './config/reference-config.ts'
export type { PipelineConfig } from './config/pipeline-config.ts'
export type { AlertsConfig, ChannelConfig } from './config/alerts-config.ts'
export type { ScheduleConfig, ScheduleInterval, ScheduleStep, Weekday } from './config/schedule-config.ts'
export type { KafkaBrokers, KafkaConfig, KafkaSasl, KafkaTlsFiles } from './config/kafka-config.ts'
export type { RedisConfig } from './place/redis.ts'
export type { SnowflakeConfig, SnowflakeLogin } from './place/snowflake/config.ts'
export { loadProject, openProject } from './project/project.ts'
export type { Project, ProjectPaths } from './project/project.ts'
export type { ProjectDefinitions } from './project/definitions.ts'
export { scoreSpine } from './score/score-spine.ts'
export type { ScoreManifest, ScoreOptions, ScoreProgress, Scores, ScoreTarget } from './score/score-spine.ts'
