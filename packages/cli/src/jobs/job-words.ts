import { isBuiltIn, type AskedJob } from '@martlet/serving'

/**
 * The command that does a job, without `martlet`. Its arguments were checked when it was asked for: nothing in them
 * begins like an option.
 *
 * @param wait how long it waits for a warehouse that another process has open
 * @param askedAt when it was asked for
 */
export function wordsOfJob(job: AskedJob, wait: string, askedAt: string): readonly string[] {
  if (!isBuiltIn(job)) {
    const { kind, arguments: given } = job
    return ['jobs', 'do', kind, '--arguments', JSON.stringify(given), '--asked-at', askedAt, '--wait', wait]
  }
  switch (job.kind) {
    case 'materialize': {
      const { views = [], from, to, allowFuture, publish } = job.arguments
      return [
        'materialize',
        ...views,
        ...option('from', from),
        ...option('to', to),
        ...(allowFuture === true ? ['--allow-future'] : []),
        ...(publish === false ? ['--no-publish'] : []),
        '--wait',
        wait,
      ]
    }
    case 'training-set': {
      const { name, from, asOf } = job.arguments
      return ['training-set', name, ...option('from', from), ...option('as-of', asOf), '--wait', wait]
    }
    case 'score': {
      const { model, alias, version, chunkRows, restart, ...others } = job.arguments
      const which = version === undefined ? `${model}@${alias ?? 'champion'}` : `${model}:${version}`
      return [
        'score',
        which,
        ...Object.entries(others).flatMap(([name, value]) => option(name, value)),
        ...option('chunk-rows', chunkRows),
        ...(restart === true ? ['--restart'] : []),
        '--wait',
        wait,
      ]
    }
    case 'drift': {
      const { monitor, window, windows, until, failOn } = job.arguments
      return [
        'drift',
        ...(monitor === undefined ? [] : [monitor]),
        ...option('window', window),
        ...option('windows', windows),
        ...option('until', until),
        ...option('fail-on', failOn),
        '--wait',
        wait,
      ]
    }
  }
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, String(value)]
}
