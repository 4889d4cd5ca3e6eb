export * from './statistics/index.ts'

export {
  columnKind,
  profileSchema,
  type CategoryCount,
  type CategoryProfile,
  type ColumnProfile,
  type ColumnRole,
  type DependenceProfile,
  type NumericProfile,
  type ProfiledColumn,
  type ReferenceProfile,
  type TimeProfile,
} from './profile/reference-profile.ts'
export type { GroupEffect, RowEffects, WindowEffect } from './profile/group-effects.ts'
export type { RowKind, ViewAbsence } from './profile/row-kind.ts'
export type { Season, Seasons } from './profile/season.ts'
export { calendarColumns } from './profile/calendar-columns.ts'
export type { Gaps, TimeGaps } from './profile/gaps.ts'
export { keptColumns, type Derivation } from './profile/derived-columns.ts'
export { profileOfColumns } from './profile/profile-of-columns.ts'
export { profileReference, type ProfileRequest as ReferenceRequest } from './reference/profile-with-pieces.ts'
export { referenceStretches } from './reference/reference-stretches.ts'
export type { ReferenceChoice } from './reference/reference-choice.ts'
export { profileCategories, profileNumbers } from './profile/profile-arrays.ts'
export { profileFromJson, profileToJson } from './profile/profile-json.ts'
export { profiles, readProfile, storeProfile } from './profile/store-profile.ts'
export { writers } from './profile/in-turn.ts'
export type { Relation } from './count/relation.ts'
export { vectorColumns, type VectorExtras } from './profile/vector-columns.ts'

export { compareArrays, compareCategoryArrays, type ArrayComparison } from './compare/compare-arrays.ts'
export type { Floor } from './compare/floor.ts'
export type { Metric } from './compare/metric.ts'
export type { DecidingMetric, MetricName } from './compare/metrics/list.ts'
export type { TimeWindow } from './count/windows.ts'

export { defaultPolicy, policyFrom, type ColumnFloors, type DriftPolicy, type PolicyOptions } from './verdict/policy.ts'
export {
  findingKinds,
  resultSchema,
  type Cause,
  type ColumnFacts,
  type ColumnResult,
  type DriftResult,
  type Finding,
  type FindingKind,
  type JointResult,
  type Mute,
  type MutedColumn,
  type MutedFinding,
  type Reproduction,
  type Severity,
  type Status,
  type WindowResult,
} from './verdict/result.ts'

export { workTable } from './count/work-table.ts'
export { runDrift, type DriftRequest } from './monitor/run-drift.ts'
export type { CurrentRows } from './monitor/current-rows.ts'
export { eraseFromMonitoring, type MonitoringErasure } from './monitor/erase-monitoring.ts'
export { driftResults, recordDrift } from './monitor/record-drift.ts'
export { readMonitors } from './monitor/read-monitors.ts'

export { observationOf, type Observation } from './alert/observation.ts'
export { nextState, type AlertEvent, type AlertRules, type AlertState, type AlertStep } from './alert/alert-state.ts'
export {
  alertMessage,
  deliveryLines,
  deliveryReport,
  deliverySeverity,
  deliveryTitle,
  incidentOf,
  subjectWords,
  type AlertDelivery,
  type AlertMessage,
} from './alert/alert-message.ts'

export { toHtml } from './report/formats/html.ts'
export { toJson } from './report/formats/json.ts'
export { toJunit } from './report/formats/junit.ts'
export { reportFormats } from './report/formats/list.ts'
export { toMarkdown } from './report/formats/markdown.ts'
export { toPrometheus } from './report/formats/prometheus.ts'
export { toIndex, type IndexOptions } from './report/index-page/to-index.ts'
export { actionsFor } from './report/actions.ts'
export { byNeed, monitorState, type MonitorState } from './report/index-page/monitor-state.ts'
export { monitorSummary, type MonitorSummary, type WindowSummary } from './verdict/monitor-summary.ts'
export type { ReportFormat } from './report/report-format.ts'

export {
  loadPredictions,
  type LoadPredictions,
  type PredictionsLoaded,
  type RejectedLine,
} from './predictions/load-predictions.ts'
export { finishedFiles } from './predictions/log-files.ts'
export { predictionTable } from './predictions/prediction-tables.ts'
export { requestColumn } from './predictions/served-columns.ts'
export { runTruth } from './monitor/run-truth.ts'
export { calibrateModel, type CalibrateModel } from './monitor/calibrate-model.ts'
export { runParity } from './monitor/run-parity.ts'
export type { FeatureRule, ParityRequest, ParityRules } from './parity/parity-request.ts'
export {
  parityReasons,
  type FeatureParity,
  type NotCompared,
  type ParityExample,
  type ParityReason,
  type ReasonCounts,
  type WindowParity,
} from './parity/parity-result.ts'
export type { DefinedLabel, LabelTable, TruthRequest } from './truth/truth-request.ts'
export type { TruthMetricName } from './truth/metrics/list.ts'
export type { TruthTask } from './truth/truth-metric.ts'
export type {
  CalibrationBin,
  Clustering,
  Coverage,
  GroupPerformance,
  MetricPerformance,
  WindowPerformance,
} from './truth/truth-result.ts'
export {
  erasePredictions,
  type PredictionErasure,
  type PredictionErasureOptions,
} from './predictions/erase-predictions.ts'
export { estimatePerformance, type EstimateRequest } from './estimate/estimate-performance.ts'
export type { PerformanceCalibration } from './estimate/performance-calibration.ts'
export { withCalibration } from './estimate/with-calibration.ts'
export type {
  AssumptionCheck,
  EstimatedMetric,
  EstimatedMetricName,
  PerformanceEstimate,
} from './estimate/performance-estimate.ts'
export { calibrateClassifier, type ClassifierReference } from './estimate/classifier/calibrate-classifier.ts'
export type { ClassifierCalibration } from './estimate/classifier/classifier-calibration.ts'
export type { ClassCalibration } from './estimate/classifier/class-calibration.ts'
export type { ClassifierMetric } from './estimate/classifier/classifier-metrics.ts'
export { isotonic } from './estimate/classifier/isotonic.ts'
export { calibrateLoss, type LossReference } from './estimate/loss/calibrate-loss.ts'
export type { BoostedTrees, LossTree } from './estimate/loss/boosted-trees.ts'
export type { ExpectedLoss, LossCalibration, LossFeature, LossMetric } from './estimate/loss/loss-calibration.ts'
