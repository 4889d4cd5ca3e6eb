// plan
export type * from './plan/anchor-plan.ts'
export type * from './plan/expression.ts'
export type * from './plan/feature-plan.ts'
export type * from './plan/label-plan.ts'
export type * from './plan/on-demand-plan.ts'
export type * from './plan/source-plan.ts'
export { sourceKeys } from './plan/source-plan.ts'
export type * from './plan/spine-plan.ts'
export type {
  ContinuousPlan,
  ContinuousView,
  GridPlan,
  ServicePlan,
  ServiceView,
  VectorField,
  ViewPlan,
  ViewRead,
  WindowClock,
} from './plan/view-plan.ts'
export {
  entityIn,
  featureTimeColumn,
  lookedUpColumn,
  gridOf,
  isContinuous,
  missingColumn,
  nameIn,
  readsOf,
  serviceKeys,
  serviceRequest,
  vectorFields,
  viewsRead,
} from './plan/view-plan.ts'
export type { Defaults, KeptValue } from './plan/kept-value.ts'
export { defaultJson } from './read/online-json.ts'
export { gridInstants, newestInstantBefore, offsetAt as zoneOffset, servedFeatureTime } from './plan/time/grid.ts'

// vocabulary
export type { AggregateFeature } from './vocabulary/features/aggregate.ts'
export type { AgeFeature } from './vocabulary/features/age.ts'
export type { AnchorAgeFeature } from './vocabulary/features/anchor-age.ts'
export type { AttributeFeature } from './vocabulary/features/attribute.ts'
export type { CalendarFeature, CalendarPart } from './vocabulary/features/calendar.ts'
export type { AttributePlan, ForeignFeature } from './vocabulary/features/foreign.ts'
export type { LookupFeature } from './vocabulary/features/lookup.ts'
export type { ColumnFeature } from './vocabulary/features/column.ts'
export type { Everybody, Within } from './define/features/standing.ts'
export type { Standing } from './define/features/standing-value.ts'
export type { StandingFeature } from './vocabulary/features/standing.ts'
export type { DerivedFeature } from './vocabulary/features/derived.ts'
export type { LifetimeWindow } from './vocabulary/windows/lifetime.ts'
export type { RowsWindow } from './vocabulary/windows/rows.ts'
export type { AlongWindow } from './vocabulary/windows/along.ts'
export type { CalendarUnit } from './plan/time/calendar-unit.ts'
export type { CalendarWindow } from './vocabulary/windows/calendar.ts'
export type { SinceWindow } from './vocabulary/windows/since.ts'
export type { SteppedWindow } from './vocabulary/windows/stepped.ts'
export type { TimeWindow } from './vocabulary/windows/time.ts'
export type { ToDateWindow } from './vocabulary/windows/to-date.ts'
export {
  continuousLayout,
  type ContinuousAggregate,
  type ContinuousFeature,
  type ContinuousInput,
  type ContinuousLayout,
  type ContinuousPart,
  type Ring,
} from './vocabulary/continuous/layout.ts'
export { calendarPart, calendarService } from './vocabulary/calendar-part.ts'
export { isSameView, presentName, sameValues } from './vocabulary/same-values.ts'
export { eventsOf, passedThroughOf } from './vocabulary/sources/list.ts'
export { featureHash, labelHash } from './vocabulary/plan-hash.ts'

// define
export { entity, type AnyEntity, type Entity, type EntityFrom, type Everyone } from './define/sources/entity.ts'
export {
  fact,
  intervals,
  type Fact,
  type FactSpec,
  type IntervalOf,
  type IntervalsSpec,
} from './define/sources/fact.ts'
export type { IntervalMark } from './define/features/intervals.ts'
export type { Overlapping } from './define/features/overlapping.ts'
export { dimension, type Dimension, type DimensionSpec } from './define/sources/dimension.ts'
export {
  lookupTable,
  type AnyLookupTable,
  type LookupTable,
  type LookupTableSpec,
} from './define/sources/lookup-table.ts'
export { precomputed, type Precomputed, type PrecomputedSpec } from './define/sources/precomputed.ts'
export { decimal } from './define/sources/decimal.ts'
export {
  featureView,
  type AnyFeatureView,
  type FeaturesOf,
  type FeatureView,
  type FeatureViewSpec,
} from './define/feature-view.ts'
export {
  featureService,
  type AnyFeatureService,
  type DefaultedFieldsOf,
  type EntityKeyOf,
  type FeatureService,
  type RequestOf,
  type ServicePart,
  type VectorOf,
} from './define/feature-service.ts'
export { onDemand, type AnyOnDemand, type OnDemand, type OnDemandSpec } from './define/on-demand/on-demand.ts'
export type {
  ComputedOf,
  GivenOf,
  OnDemandCall,
  OnDemandFunction,
  OnDemandFunctionSpec,
} from './define/on-demand/on-demand-function.ts'
export type { InputsOf } from './define/on-demand/inputs.ts'
export { request, type RequestValues } from './define/on-demand/request.ts'
export { event, type Anchor, type AnyAnchor, type EventOptions } from './define/features/event.ts'
export { label, type AnyLabel, type Label, type LabelColumnsOf, type LabelOf, type LabelSpec } from './define/label.ts'
export { renamedFrom } from './define/features/renamed-from.ts'
export { happens, type Happening, type Happens, type HappensOptions } from './define/features/happens.ts'
export { next, type Next } from './define/features/next.ts'
export { timeTo, type TimeTo } from './define/features/time-to.ts'
export { bands } from './define/expressions/bands.ts'
export { T, dayStart, days, type InstantOrDate } from './define/expressions/instants.ts'
export { caseWhen, type Case } from './define/expressions/case-when.ts'
export type { About } from './define/about.ts'
export type { Age } from './define/features/age.ts'
export type { AttributeValue } from './define/features/attribute.ts'
export type { LookupOptions, LookupShift, LookupValue } from './define/features/lookup.ts'
export type { Aggregate, Latest, Windowed } from './define/features/aggregate.ts'
export type { Approximation } from './define/features/approximation.ts'
export type { AggregateBuilder } from './define/features/aggregate-builder.ts'
export type { Decaying } from './define/features/decaying.ts'
export type { CalendarBuilder } from './define/features/calendar-builder.ts'
export type { Row, RowOf, Shape } from './define/sources/columns.ts'
export type { WithComputed } from './define/sources/with-computed.ts'
export type { WithAttributes } from './define/sources/with-dimension.ts'
export type { Pivoted } from './define/features/pivot.ts'
export type { BooleanExpression } from './define/expressions/boolean-expression.ts'
export type { InstantExpression } from './define/expressions/instant-expression.ts'
export type { NumberExpression } from './define/expressions/number-expression.ts'
export type { TextExpression } from './define/expressions/text-expression.ts'
export type { Duration } from './define/duration.ts'
export type { Defaultable, Features } from './define/features/features.ts'
export type { Predicate } from './define/features/measure.ts'
export type { Operand, Valued } from './define/expressions/operand.ts'
export type { Ahead } from './define/features/ahead.ts'
export type { Outcome, OutcomeOptions } from './define/features/outcome.ts'
export type {
  AnyDimension,
  AnyFact,
  AnySource,
  DimensionBuilder,
  FactBuilder,
  PrecomputedBuilder,
  ViaBuilder,
} from './define/features/view-builder.ts'
export type { Via } from './define/features/via.ts'

// compile
export { compileViewRows, type CompiledRows } from './compile/view-sql.ts'

// materialize
export { materialize } from './materialize/materialize.ts'
export { MaterializeFailed, type FailedView } from './materialize/failed-views.ts'
export { planMaterialization, type MaterializationPlan, type PlannedView } from './materialize/plan-materialization.ts'
export { dropRemovedViews, type DropOptions } from './materialize/drop-removed.ts'
export { materializationPlanText } from './materialize/plan-text.ts'
export { progressReporter, type ProgressOptions } from './materialize/progress.ts'
export type { MaterializedView } from './materialize/run-view.ts'
export type { ChunkOptions, MaterializeOptions, PlanOptions } from './materialize/options.ts'
export type { MaterializeEvent } from './materialize/events.ts'

// quality
export type { CheckPlan, CheckSeverity } from './plan/check-plan.ts'
export type { Bounds, CheckedAggregates, CheckedValue } from './vocabulary/checks/aggregate.ts'
export type { Check, CheckOptions as DeclaredCheckOptions } from './vocabulary/checks/check-kind.ts'
export type { CheckWords } from './vocabulary/checks/list.ts'
export type { RowCondition } from './vocabulary/checks/rows.ts'
export type { CheckMap, DeclareChecks } from './define/sources/checks.ts'
export type { QualityOptions, Severity } from './quality/options.ts'
export { checkedTables, checkLabel, checkView, type CheckOptions } from './quality/check-view.ts'
export {
  findingText,
  type CheckName,
  type CheckResult,
  type OwnCheckName,
  type QualityReport,
} from './quality/finding.ts'
export type { ScanRange } from './quality/view-scans.ts'
export { columns as qualityResultColumns, listQualityResults, storeForSql } from './quality/store-results.ts'

// diff
export { diffViews, type DiffOptions } from './diff/diff-views.ts'
export type {
  ChangedValue,
  Changes,
  ComparedRows,
  EntityKey,
  FeatureDiff,
  ValueSummary,
  ViewDiff,
} from './diff/view-diff.ts'

// erase
export { erase, type Erasure, type ErasedPlace, type EraseOptions } from './erase/erase.ts'
export { erasedKeys, type ErasedKeys } from './erase/erased-keys.ts'
export type { TrainingTable } from './erase/held-tables.ts'
export { knownEntities, type DefinitionPlan } from './erase/known-plans.ts'
export { keyBatch } from './erase/staged-keys.ts'
export { keyMentions } from './erase/key-mentions.ts'
export type { KeyMentions } from './erase/key-mentions.ts'
export type { SourceRows } from './erase/source-rows.ts'

// online
export type * from './online/online-store.ts'
export { STAMP_BUCKETS, stampBucket, type RowStamps, type TableStamps } from './online/row-stamps.ts'
export { openMemoryStore, type MemoryStoreOptions } from './online/memory/memory-store.ts'
export { openLmdbStore, type LmdbStoreOptions } from './online/lmdb/lmdb-store.ts'
export { MAX_KEY_BYTES, checkKey, checkTable } from './online/limits.ts'
export { decimalKey } from './online/decimal-key.ts'
export { storedKey, type StoredKey } from './online/stored-key.ts'
export { temporalKey, type TemporalKeyType } from './online/temporal-key.ts'
export { publishRows, type PublishOptions, type PublishResult } from './online/publish.ts'

// ingest
export type * from './plan/ingest-plan.ts'
export type * from './online/events/event-store.ts'
export {
  source,
  type IngestEvent,
  type AnyIngestSource,
  type IngestSource,
  type IngestSpec,
  type IngestTable,
} from './ingest/source.ts'
export { json, type JsonFormat } from './ingest/formats/json.ts'
export { debezium, type DebeziumFormat, type DebeziumOptions } from './ingest/formats/debezium.ts'
export type { ChangeFormat, FlattenedDeletes, WireColumn } from './ingest/change/change-plan.ts'
export { messageText } from './ingest/change/message.ts'
export type { PositionBy } from './ingest/change/positions.ts'
export type { WireType } from './ingest/change/wire/types.ts'
export { ingestFiles, type FilesProgress, type IngestFilesOptions } from './ingest/files/ingest-files.ts'
export { followedFiles, type FollowedFile, type FollowedFormat } from './ingest/files/followed-files.ts'
export { readFiles, type ReadFile } from './ingest/files/file-ledger.ts'
export type { AnyFormat } from './ingest/formats/list.ts'
export { eventReader } from './ingest/read-events.ts'
export type { EventReader, IncomingEvent, ReadEvent, Reason, TypedEvent } from './ingest/event-reader.ts'
export { openIntake, type CameOptions, type Intake, type Taken, type TakenEvent } from './ingest/intake.ts'
export { rejectionReasons, rejectionText } from './ingest/rejection.ts'
export { drain, drainedPosition, type DrainOptions, type DrainProgress } from './ingest/drain.ts'
export { replay, type ReplayOptions, type ReplayReport } from './ingest/replay.ts'
export { sourceProgress, type SourceProgress } from './ingest/landing/ledger.ts'
export { rawTable, rejectedTable } from './ingest/landing/raw-tables.ts'
export type { TailWriter } from './ingest/tail-writer.ts'
export { kafka, type KafkaTopic } from './ingest/kafka/kafka-origin.ts'
export { checkCluster, type KafkaCluster, type KafkaLogin, type KafkaTls } from './ingest/kafka/cluster.ts'
export { readTopic, type KafkaReader, type ReadTopicOptions } from './ingest/kafka/read-topic.ts'
export type { KafkaReading, PartitionReading } from './ingest/kafka/reading.ts'
export type * from './ingest/kafka/log-client.ts'
export { kafkaMetrics } from './ingest/kafka/prometheus.ts'

// read
export type * from './read/online-vectors.ts'
export { onDemandFault, type OnDemandFunctions } from './on-demand/on-demand-functions.ts'
export type { RequestRow } from './on-demand/request-rows.ts'
export {
  isExpectedValue,
  valueReader as requestValueReader,
  type ExpectedValue,
  type RequestValue,
} from './on-demand/request-value.ts'
export { openOnlineReader, type OnlineReaderOptions } from './read/online-reader.ts'
export { ownRows, type StoredRows } from './read/stored-rows.ts'
export {
  buildTrainingSet,
  refuseTarget,
  type TrainingManifest,
  type FeaturesFrom,
  type TrainingProgress,
  type TrainingSet,
  type TrainingSetOptions,
} from './read/training-set.ts'
export {
  previewRows,
  type Preview,
  type PreviewedFeature,
  type PreviewedRow,
  type PreviewOptions,
} from './read/preview/preview.ts'
export type { FeatureEvent, FeatureEvents } from './read/preview/events.ts'
export type { PreviewValue } from './read/preview/batch-values.ts'
export { SPINE_CHUNK, SPINE_ROW, storeSpine, type StoredSpine, type StoredSpineOptions } from './read/store-spine.ts'
export { isMade, spineText } from './read/spines/made-spine.ts'
export type { SplitOptions, SplitText } from './read/split.ts'
export type { SpineFile } from './read/spine-file.ts'
export type { Spine } from './read/spine.ts'
export { everyGrid, type GridSpine, type GridSpineSpec, type Populated } from './read/spines/every-grid.ts'
export { whenever, type EventSpine, type EventSpineSpec } from './read/spines/whenever.ts'
export type { MadeSpine, MadeSpineText } from './read/spines/made-spine.ts'

// catalog
export { openCatalog, type Catalog } from './catalog/catalog.ts'
export { openSqlite } from './catalog/sqlite.ts'
export { migrate, type Migration } from './catalog/migrate.ts'
export type * from './catalog/tables.ts'
export { instantText, toMicros, type InstantLike } from './catalog/instant.ts'
export { audit, auditLog, defaultActor, type AuditEntry } from './catalog/audit.ts'
export {
  currentDefinitions,
  currentView,
  history,
  revisionWithHash,
  type StoredDefinition,
} from './catalog/definitions.ts'
export type { Consequence, Definition, DefinitionChange } from './catalog/definition-change.ts'
export { definitionsPlanText, planDefinitions, type DefinitionsPlan } from './catalog/plan-definitions.ts'
export type { PlanDefinitionsOptions } from './catalog/plan-definitions.ts'
export { keptDefinitions, neededDefinitions, publishedNames } from './catalog/kept-definitions.ts'
export type { KeptDefinition, NeededDefinition } from './catalog/kept-definitions.ts'
export {
  changedOnDemand,
  featuresRead,
  feeds,
  withComputedInputs,
  withInputs,
  type LiveModel,
  type ModelOutcome,
} from './catalog/live-models.ts'
export type { DefinitionWarning } from './catalog/definition-warnings.ts'
export { applyDefinitions, type ApplyOptions, type ApplyResult } from './catalog/apply.ts'
export { labelDifference, serviceDifference } from './catalog/difference.ts'
export { planText, readLabelPlan, readServicePlan, readViewPlan } from './catalog/plan-json.ts'
export { tableHash } from './catalog/table-hash.ts'
export { lineageOf, type LineageNode } from './catalog/lineage.ts'
export { fieldSources, type FieldSource } from './catalog/field-sources.ts'
export { acquireLease, type Lease } from './catalog/lease.ts'
export { listLeases, type LeaseHolder } from './catalog/lease-holders.ts'
export { newestRowOf } from './catalog/newest-row.ts'
export { listRuns } from './catalog/runs.ts'
export { readViewState, type PendingRange, type ViewState } from './catalog/view-state.ts'
export { featureTable } from './materialize/feature-table.ts'
export { isProcessAlive } from './catalog/process-alive.ts'
export { submitJob, type JobSubmission, type QueueBounds, type Submitted } from './catalog/jobs/submit-job.ts'
export {
  changedJobs,
  listAttempts,
  listJobs,
  readJob,
  type JobFilter,
  type JobSummaryRow,
} from './catalog/jobs/read-jobs.ts'
export { claimJob, type ClaimOptions } from './catalog/jobs/claim-job.ts'
export type { AttemptEnd, HeldJob, JobReport } from './catalog/jobs/held-job.ts'
export { cancelJob } from './catalog/jobs/cancel-job.ts'
export { removeEndedJobs, type JobRetention } from './catalog/jobs/remove-ended-jobs.ts'
export { isJobId } from './catalog/jobs/job-id.ts'

// continuous views online
export { sourceTails, type SourceTails } from './continuous/source-tails.ts'
export type { TypedValues } from './continuous/tail-writer.ts'
export { foldViews, type FoldOptions } from './continuous/fold-views.ts'
