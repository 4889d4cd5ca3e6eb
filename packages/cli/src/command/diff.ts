import { toMicros, type DiffOptions as RowOptions } from '@martlet/feature-store'
import { liveModels } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { definitionsAgainst } from '../diff/against.ts'
import { compareDefinitions } from '../diff/compare-definitions.ts'
import { definitionSet } from '../diff/definition-set.ts'
import { diffMarkdown } from '../diff/diff-markdown.ts'
import { diffText } from '../diff/diff-text.ts'
import { changesValues, type ProjectDiff, type ViewChange } from '../diff/project-diff.ts'
import { sentence } from '../diff/words.ts'
import { named } from '../project/definitions.ts'
import type { ExitCode, Outcome } from '../terminal/outcome.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface DiffCommandOptions extends GlobalOptions {
  readonly against?: string
  readonly from?: string
  readonly to?: string
  readonly sample?: string
  readonly format?: string
  readonly failOn?: string
  readonly examples: boolean
}

/** `diff [view]`: which values change if the present definitions replace others. */
export async function diff(
  context: CommandContext,
  view: string | undefined,
  options: DiffCommandOptions,
): Promise<Outcome> {
  const format = choice('--format', options.format ?? 'text', ['text', 'markdown'])
  const failOn =
    options.failOn === undefined ? undefined : choice('--fail-on', options.failOn, ['values', 'definitions'])
  const range = rangeOf(options)
  const project = await context.project()
  const present = definitionSet(await project.definitions())
  const { terminal, signal } = context
  const against = await definitionsAgainst(project, options.against ?? 'applied', await context.configFile(), signal)
  const asked = view ?? against.view
  // A view that is gone can be asked for, and so can the former name of one.
  if (asked !== undefined && !against.definitions.views.has(asked)) named(present.views, asked, 'view')
  const wanted = asked === undefined ? undefined : presentName(present.views, asked)
  const found = await compareDefinitions({
    against,
    present,
    view: wanted,
    options: async () => ({ warehouse: await project.warehouse(), signal, examples: options.examples, ...range }),
    models: async () => liveModels(await project.registry()),
    onView(name) {
      terminal.note(`comparing ${name}`)
      terminal.event({ type: 'comparing', view: name })
    },
  })
  const text =
    format === 'markdown' ? diffMarkdown(found, options.examples) : diffText(found, options.examples, terminal)
  return { exitCode: exitCodeOf(found, failOn), data: { ...diffData(found, options.examples) }, text }
}

function exitCodeOf({ views }: ProjectDiff, failOn: 'values' | 'definitions' | undefined): ExitCode {
  if (failOn === 'definitions' && views.some(({ kind }) => kind !== 'same definition')) return 1
  if (failOn === 'values' && views.some(changesValues)) return 1
  return views.some(({ kind }) => kind === 'failed') ? 3 : 0
}

/** The present name of a view that may be asked for by its former one. */
function presentName(
  views: ReadonlyMap<string, { readonly name: string; readonly renamedFrom?: string }>,
  name: string,
): string {
  if (views.has(name)) return name
  return [...views.values()].find(({ renamedFrom }) => renamedFrom === name)?.name ?? name
}

function rangeOf({ from, to, sample }: DiffCommandOptions): Pick<RowOptions, 'from' | 'to' | 'sample'> {
  if (from !== undefined) toMicros(from, '--from')
  if (to !== undefined) toMicros(to, '--to')
  const count = sample === undefined ? undefined : Number(sample)
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1))
    throw new MartletError(
      'USAGE',
      `--sample ${sample} is not a number of entities. Give a whole number of at least 1.`,
    )
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(count === undefined ? {} : { sample: count }),
  }
}

function choice<Name extends string>(option: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given)
  if (found !== undefined) return found
  throw new MartletError('USAGE', `${option} ${given} is not known. Write ${names.join(' or ')}.`)
}

function diffData({ against, views, unchanged, affected }: ProjectDiff, examples: boolean): Record<string, unknown> {
  return {
    against,
    views: views.map((change) => ({ ...viewData(change, examples), sentence: sentence(change) })),
    unchanged,
    affected,
  }
}

function viewData(change: ViewChange, examples: boolean): Record<string, unknown> {
  if (change.kind !== 'compared') return { ...change }
  const { compared, features, ...rest } = change.diff
  const instant = (micros: bigint): string => new Date(Number(micros / 1000n)).toISOString()
  return {
    view: change.view,
    kind: change.kind,
    ...rest,
    compared:
      compared === null
        ? null
        : {
            ...compared,
            first: instant(compared.first),
            last: instant(compared.last),
            ...(examples ? {} : { appearing: [], vanishing: [] }),
          },
    features: examples ? features : features.map((feature) => ({ ...feature, largest: null })),
  }
}
