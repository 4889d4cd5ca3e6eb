import { MartletError } from '@martlet/warehouse'
import type { PipelineConfig } from '../config/pipeline-config.ts'
import { wordsOf } from '../config/schedule-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { millisOf } from '../schedule/schedule.ts'
import { fillText } from './fill-parameters.ts'
import { parameterValues, type ParameterValues } from './parameter-values.ts'

/** A pipeline with values for its parameters. */
export interface Pipeline {
  readonly name: string
  readonly values: ParameterValues
  /** The words of each step, with values in them. */
  readonly steps: readonly (readonly string[])[]
  /** Milliseconds. */
  readonly timeout: number
}

/** @throws MartletError PIPELINE_UNKNOWN when the configuration has none of that name */
export function pipelineConfig(pipelines: readonly PipelineConfig[], name: string): PipelineConfig {
  const found = pipelines.find((pipeline) => pipeline.name === name)
  if (found !== undefined) return found
  const names = pipelines.map((pipeline) => pipeline.name)
  const hint =
    names.length === 0
      ? "Add pipelines: [{ name: 'etl', parameters: { 'reference-date': 'date' }, run: ['load daily --set reference-date={reference-date}'] }]."
      : suggestion(name, names, 'pipelines')
  throw new MartletError('PIPELINE_UNKNOWN', `There is no pipeline called ${name} in martlet.config.ts. ${hint}`, {
    data: { name },
  })
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

/**
 * The values in words such as `--reference-date 2026-06-01` or `--reference-date=2026-06-01`.
 * @throws MartletError USAGE when a word is no option, has no value, or is given twice
 */
export function givenValues(words: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const [, name, inline] = /^--([a-z][a-z0-9-]*)(?:=([^]*))?$/.exec(word) ?? []
    if (name === undefined)
      throw new MartletError('USAGE', 'Values of a pipeline are given by name, such as --reference-date 2026-06-01.')
    const value = inline ?? words[++at]
    if (value === undefined) throw new MartletError('USAGE', `--${name} has no value.`, { data: { parameter: name } })
    if (values.has(name)) throw new MartletError('USAGE', `--${name} is given twice.`, { data: { parameter: name } })
    values.set(name, value)
  }
  return values
}
