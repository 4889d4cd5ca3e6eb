import { z } from 'zod'
import { parameters, typeOf } from './parameter-config.ts'
import { unknownParameters } from './parameter-placeholders.ts'
import { wordsOf } from './schedule-config.ts'
import { givenValues, pipelineConfig } from './chosen-pipeline.ts'
import type { PipelineConfig } from './pipeline-config.ts'
import { length } from '../length-of-time.ts'
import { zone, type StepProblem } from './schedule-schema.ts'

/** One of `pipelines` in a configuration. */
export const pipelineSchema = (stepProblem: StepProblem): z.ZodType<{ readonly name: string }> =>
  z
    .strictObject({
      name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name: letters, digits and _'),
      parameters: parameters.optional(),
      zone: zone.optional(),
      run: z
        .array(
          z.union([z.string(), z.array(z.string().min(1)).min(1)], {
            error: "must be a command such as 'materialize', or its words in an array",
          }),
        )
        .min(1),
      timeout: length.optional(),
    })
    .superRefine(({ parameters: declared = {}, run }, context) => {
      const refuse = (path: readonly (string | number)[], message: string): void =>
        context.addIssue({ code: 'custom', path: [...path], message })
      const types = new Map(Object.entries(declared).map(([name, config]) => [name, typeOf(config)]))
      const before = new Map<string, ReturnType<typeof typeOf>>()
      for (const [name, config] of Object.entries(declared)) {
        const [unknown] = typeof config === 'string' ? [] : unknownParameters(config.default, before)
        if (unknown !== undefined)
          refuse(['parameters', name, 'default'], `has ${unknown}, which is no parameter before it`)
        before.set(name, typeOf(config))
      }
      for (const [at, given] of run.entries()) {
        const words = wordsOf(given)
        const [unknown] = words.flatMap((word) => unknownParameters(word, types))
        const known = [...types.keys()].map((name) => `{${name}}`).join(', ')
        const problem =
          unknown === undefined
            ? stepProblem(words, 'pipeline')
            : `has ${unknown}, which is no placeholder; ${known === '' ? 'there are no parameters' : `there are ${known}`}`
        if (problem !== undefined) refuse(['run', at], `${JSON.stringify(given)} ${problem}`)
      }
    })

/** Why a step of a schedule that runs a pipeline cannot; undefined for other steps. Its values have placeholders, so only names count. */
export function pipelineStepProblem(
  words: readonly string[],
  pipelines: readonly PipelineConfig[],
): string | undefined {
  const [command, name = '', ...rest] = words
  if (command !== 'run') return undefined
  try {
    const { parameters: declared = {} } = pipelineConfig(pipelines, name)
    const given = [...givenValues(rest.filter((word) => word !== '--dry-run')).keys()].filter((key) => key !== 'wait')
    const unknown = given.find((key) => !(key in declared))
    if (unknown !== undefined) return `gives ${unknown}, which is no parameter of pipeline ${name}`
    const missing = Object.entries(declared).find(([key, config]) => typeof config === 'string' && !given.includes(key))
    return missing === undefined ? undefined : `lacks --${missing[0]}, which pipeline ${name} needs`
  } catch (error) {
    return `cannot run: ${error instanceof Error ? error.message : String(error)}`
  }
}
