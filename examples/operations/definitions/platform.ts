import { everyGrid, featureService, featureView, happens, label } from '@martlet/feature-store'
import { hourly, pipeline, pipelines, queue, queues, runs } from './sources.ts'

/** How the runs of a pipeline went lately. */
export const pipelineRuns = featureView('pipeline_runs', {
  description: 'Failures, duration and rows of the runs of a pipeline over rolling windows',
  of: pipeline,
  from: runs,
  population: pipelines,
  ...hourly,
  features: (f) => ({
    runs: f.count().over('1d', '7d'),
    failures: f.sum('failures').over('1d', '7d', '30d'),
    seconds: f.mean('good_seconds').over('1d', '7d'),
    rows: f.mean('good_rows').over('1d', '7d'),
    waited: f.mean('waited_seconds').over('1d'),
    hours_since_failure: f.age().where((r) => r.failed),
  }),
  derive: (v) => ({
    slower: v.seconds_1d.div(v.seconds_7d),
    fewer_rows: v.rows_1d.div(v.rows_7d),
    failure_share_1d: v.failures_1d.div(v.runs_1d),
    failure_share_7d: v.failures_7d.div(v.runs_7d),
  }),
})

/** What was promised of a pipeline. */
export const pipelineProfile = featureView('pipeline_profile', {
  description: 'The queue, the owner and the rhythm of a pipeline',
  of: pipeline,
  from: pipelines,
  ...hourly,
  features: (f) => ({
    queue: f.attribute('queue'),
    owner: f.attribute('owner'),
    every_minutes: f.attribute('every_minutes'),
    fresh_minutes: f.attribute('fresh_minutes'),
  }),
})

/** How long a queue has been. */
export const queueLoad = featureView('queue_load', {
  description: 'Jobs that waited in a queue, over rolling windows',
  of: queue,
  from: queues,
  ...hourly,
  features: (f) => ({
    waiting: f.mean('waiting').over('6h', '1d'),
    longest: f.max('waiting').over('6h'),
  }),
})

/** Whether a pipeline will fail: its own runs, and the queue in which it waits. */
export const runRisk = featureService(
  'run_risk',
  [
    pipelineRuns.pick(
      'failures_1d',
      'failures_7d',
      'failures_30d',
      'failure_share_1d',
      'failure_share_7d',
      'slower',
      'fewer_rows',
      'waited_1d',
    ),
    pipelineProfile.pick('every_minutes'),
    queueLoad.via(pipelineProfile, 'queue').pick('waiting_6h', 'longest_6h'),
  ],
  { owner: 'platform' },
)

/** Whether a pipeline fails within the next day. */
export const failsSoon = label('fails_soon', {
  of: pipeline,
  value: happens(runs).within('1d', { where: (r) => r.failed }),
})

/** Every pipeline every six hours, at the moment at which the features begin to be served. */
export function everyPipeline(from: string, to: string): ReturnType<typeof everyGrid> {
  return everyGrid({ of: pipelines, from, to, every: '6h', after: '5m' })
}
