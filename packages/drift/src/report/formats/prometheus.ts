import type { DriftResult } from '../../verdict/result.ts'
import type { ReportFormat } from '../report-format.ts'

const SEVERITIES = { none: 0, info: 1, warn: 2, crit: 3 } as const

/** A result as Prometheus text: scores and alerts of the latest window, and when it ended, so that a monitor that stopped is noticed. */
export function toPrometheus(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const monitor = ['monitor', result.monitor] as const
  const scores = (latest?.columns ?? []).flatMap(({ name, metrics }) =>
    metrics.flatMap(({ metric, value }) =>
      value === null ? [] : [sample('martlet_drift_score', [monitor, ['feature', name], ['metric', metric]], value)],
    ),
  )
  const alerts = (latest?.columns ?? []).map(({ name, severity }) =>
    sample('martlet_drift_alert', [monitor, ['feature', name]], SEVERITIES[severity]),
  )
  const performance = (latest?.performance?.groups ?? []).flatMap(({ segment, metrics }) =>
    metrics.flatMap(({ metric, value }) => {
      const of = segment === null ? [] : [[segment.column, segment.value].join('=')]
      const labels = [monitor, ['metric', metric], ...of.map((text) => ['segment', text] as const)] as const
      return value === null ? [] : [sample('martlet_model_performance', labels, value)]
    }),
  )
  const matches = (latest?.parity?.features ?? []).map(({ feature, match }) =>
    sample('martlet_parity_match_ratio', [monitor, ['feature', feature]], match),
  )
  const labelled = latest?.performance?.coverage
  const estimates = (latest?.estimate?.metrics ?? []).flatMap(({ metric, value }) =>
    value === null ? [] : [sample('martlet_drift_estimated_performance', [monitor, ['metric', metric]], value)],
  )
  const end =
    latest?.to == null
      ? []
      : [sample('martlet_drift_window_end_timestamp_seconds', [monitor], Date.parse(latest.to) / 1000)]
  return [
    ...family('martlet_drift_score', 'Distance of a feature from its reference, by metric.', scores),
    ...family('martlet_drift_alert', 'Severity of a feature: 0 none, 1 info, 2 warn, 3 crit.', alerts),
    ...family('martlet_model_performance', 'Realised performance of a model, by metric and segment.', performance),
    ...family('martlet_parity_match_ratio', 'Share of served values that are what the definition gives.', matches),
    ...family(
      'martlet_model_labelled_ratio',
      'Share of the predictions of the latest window that have labels.',
      labelled === undefined || labelled.predictions === 0
        ? []
        : [sample('martlet_model_labelled_ratio', [monitor], labelled.labelled / labelled.predictions)],
    ),
    ...family('martlet_drift_estimated_performance', 'Estimate of a metric without labels.', estimates),
    ...family('martlet_drift_severity', 'Severity of the latest window.', [
      sample('martlet_drift_severity', [monitor], SEVERITIES[result.severity]),
    ]),
    ...family('martlet_drift_exit_code', 'Exit code of the run: 0 ok, 1 drift, 2 warnings, 3 not evaluated.', [
      sample('martlet_drift_exit_code', [monitor], result.exitCode),
    ]),
    ...family(
      'martlet_drift_window_rows',
      'Rows in the latest window.',
      latest === undefined ? [] : [sample('martlet_drift_window_rows', [monitor], latest.rows)],
    ),
    ...family('martlet_drift_window_end_timestamp_seconds', 'End of the latest window.', end),
    ...family('martlet_drift_evaluated_timestamp_seconds', 'When the run was evaluated.', [
      sample('martlet_drift_evaluated_timestamp_seconds', [monitor], Date.parse(result.evaluatedAt) / 1000),
    ]),
    '',
  ].join('\n')
}

export const prometheus: ReportFormat = { name: 'prometheus', extension: 'prom', render: toPrometheus }

function family(name: string, help: string, samples: readonly string[]): readonly string[] {
  return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples]
}

function sample(name: string, labels: readonly (readonly [string, string])[], value: number): string {
  const text = labels
    .map(
      ([label, content]) =>
        `${label}="${content.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',')
  return `${name}{${text}} ${value}`
}
