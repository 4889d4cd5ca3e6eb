export { defineConfig } from './config/martlet-config.ts'
export type {
  AnyDefinition,
  CatalogConfig,
  DefinitionLists,
  DefinitionsSource,
  MartletConfig,
  MonitorConfig,
  RedisConfig,
  ServingConfig,
  TrainingSetConfig,
  WarehouseConfig,
} from './config/martlet-config.ts'
export type { SnowflakeConfig, SnowflakeLogin } from './config/snowflake-config.ts'
export { loadProject, openProject } from './project/project.ts'
export type { Project, ProjectPaths } from './project/project.ts'
export type { ProjectDefinitions } from './project/definitions.ts'
