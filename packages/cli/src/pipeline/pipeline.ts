import type { PipelineConfig } from '../config/pipeline-config.ts'
import { wordsOf } from '../config/schedule-config.ts'
import { millisOf } from '../length-of-time.ts'
import { fillText } from '../parameters/fill-parameters.ts'
import { parameterValues, type ParameterValues } from '../parameters/parameter-values.ts'

/** A pipeline with values for its parameters. */
export interface Pipeline {
  readonly name: string
  readonly values: ParameterValues
  /** The words of each step, with values in them. */
  readonly steps: readonly (readonly string[])[]
  /** Milliseconds. */
  readonly timeout: number
}

/** @throws MartletError USAGE when values are missing, unknown or of another type */
export function pipelineOf(config: PipelineConfig, given: ReadonlyMap<string, string>): Pipeline {
  const { name, parameters = {}, zone = 'UTC', run, timeout = '6h' } = config
  const values = parameterValues(parameters, given, {
    of: `pipeline ${name}`,
    flag: (parameter) => `--${parameter}`,
    zone,
  })
  const steps = run.map((step) => wordsOf(step).map((word) => fillText(word, values, zone)))
  return { name, values, steps, timeout: millisOf(timeout) }
}
