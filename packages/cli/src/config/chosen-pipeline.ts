import { MartletError } from '@martlet/warehouse'
import type { PipelineConfig } from './pipeline-config.ts'
import { suggestion } from './suggestion.ts'

/** @throws MartletError PIPELINE_UNKNOWN when the configuration has none of that name */
export function pipelineConfig(pipelines: readonly PipelineConfig[], name: string): PipelineConfig {
  const found = pipelines.find((pipeline) => pipeline.name === name)
  if (found !== undefined) return found
  const names = pipelines.map((pipeline) => pipeline.name)
  const hint =
    names.length === 0
      ? "Add pipelines: [{ name: 'etl', parameters: { day: 'date' }, run: ['load daily --set day={day}'] }]."
      : suggestion(name, names, 'pipelines')
  throw new MartletError('PIPELINE_UNKNOWN', `There is no pipeline called ${name} in martlet.config.ts. ${hint}`, {
    data: { name },
  })
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
