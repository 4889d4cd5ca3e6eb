import { applyDefinitions, dropRemovedViews, keptDefinitions, planDefinitions } from '@martlet/feature-store'
import type { DefinitionChange, DefinitionsPlan, ModelOutcome } from '@martlet/feature-store'
import { liveModels } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'
import { confirmed } from '../terminal/confirm.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ApplyCommandOptions extends GlobalOptions {
  readonly yes?: boolean
  readonly allowDrop?: boolean
  readonly allowRebuild?: boolean
  readonly allowBreaking?: boolean
}

export async function plan(context: CommandContext): Promise<Outcome> {
  const project = await context.project()
  const planned = await plannedChanges(project)
  const hint = planned.changes.length === 0 ? '' : '\n\nmartlet apply makes these changes.'
  return {
    exitCode: 0,
    data: {
      changes: planned.changes.map(changeData),
      unchanged: planned.unchanged,
      warnings: planned.warnings,
      models: planned.models,
    },
    text: `${changesText(planned, context.terminal)}${warningsText(planned, context.terminal)}${hint}`,
  }
}

export async function apply(context: CommandContext, options: ApplyCommandOptions): Promise<Outcome> {
  const { terminal } = context
  const project = await context.project()
  const catalog = await project.catalog()
  const planned = await plannedChanges(project)
  refuse(planned, options)
  if (planned.changes.length > 0) {
    if (!terminal.json) terminal.say(`${changesText(planned, terminal)}${warningsText(planned, terminal)}\n`)
    if (options.yes !== true && !(await agreed(context, planned))) {
      const data = { applied: [], dropped: [], warnings: planned.warnings, models: planned.models }
      return { exitCode: 1, data, text: 'nothing was applied' }
    }
  }
  const { allowDrop = false, allowRebuild = false, allowBreaking = false } = options
  const { applied } = await applyDefinitions(catalog, planned, { allowDrop, allowRebuild, allowBreaking })
  const dropped = options.allowDrop === true ? await drop(context) : []
  const droppedText = dropped.length === 0 ? '' : `\ndropped the rows of ${dropped.join(', ')}`
  const next = applied.some(({ kind, action }) => kind === 'view' && action !== 'remove')
    ? '\nmartlet materialize computes the rows.'
    : ''
  // With changes, the plan above has shown them.
  const warnings = planned.changes.length > 0 ? '' : warningsText(planned, terminal)
  const text =
    applied.length === 0
      ? `nothing to apply: ${counted(planned.unchanged, 'definition')} unchanged`
      : `applied ${counted(applied.length, 'change')}`
  return {
    exitCode: 0,
    data: {
      applied: applied.map(changeData),
      unchanged: planned.unchanged,
      dropped,
      warnings: planned.warnings,
      models: planned.models,
    },
    text: `${text}${droppedText}${next}${warnings}`,
  }
}

/** Refuses what needs a flag before asking, so that a yes is never in vain. */
function refuse({ changes, models }: DefinitionsPlan, options: ApplyCommandOptions): void {
  const needs = (flag: string, which: readonly DefinitionChange[], what: string): readonly string[] =>
    which.length === 0 ? [] : [`${which.map(changeText).join('; ')} ${what}: ${flag} allows it`]
  const drops =
    options.allowDrop === true
      ? []
      : changes.filter(({ consequence }) => consequence === 'drops data' || consequence === 'drops columns')
  const rebuilds =
    options.allowRebuild === true ? [] : changes.filter(({ consequence }) => consequence === 'needs rebuild')
  const breaks = options.allowBreaking === true ? [] : models.filter(({ outcome }) => outcome === 'breaks')
  const broken = breaks.map(
    (one) => `${modelText(one)} would stop answering (${one.reasons.join(', ')}): --allow-breaking allows it`,
  )
  const lines = [
    ...needs('--allow-drop', drops, 'would drop rows or columns'),
    ...needs('--allow-rebuild', rebuilds, 'would need all its rows computed again'),
    ...broken,
  ]
  if (lines.length === 0) return
  throw new MartletError('APPLY_REFUSED', `Nothing was applied.\n${lines.map((line) => `- ${line}`).join('\n')}`, {
    data: {
      drops: drops.map(({ name }) => name),
      rebuilds: rebuilds.map(({ name }) => name),
      breaks: breaks.map(({ model, alias, version }) => ({ model, alias, version })),
    },
  })
}

function changeText({ kind, name, reasons }: DefinitionChange): string {
  return `${kind} ${name}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`
}

async function plannedChanges(project: Project): Promise<DefinitionsPlan> {
  return planDefinitions(await project.catalog(), (await project.definitions()).all, {
    models: await liveModels(await project.registry()),
  })
}

function modelText({ model, alias, version }: ModelOutcome): string {
  return `model ${model}@${alias} version ${version}`
}

const MODEL_OUTCOMES = {
  kept: ['yellow', 'keeps working: the definition that it was trained on is kept next to the new one'],
  breaks: ['red', 'will answer 503'],
  broken: ['yellow', 'already answers 503'],
} as const

/** Every live model that does not simply keep working, and how many do. */
function modelsText(models: readonly ModelOutcome[], { paint, width }: Pick<Terminal, 'paint' | 'width'>): string {
  if (models.length === 0) return ''
  const working = models.filter(({ outcome }) => outcome === 'works')
  const lines = models.flatMap((one) => {
    if (one.outcome === 'works') return []
    const [color, what] = MODEL_OUTCOMES[one.outcome]
    return [`${modelText(one)}  ${paint(color, what)}`, ...one.reasons.map((reason) => hanging('    ', reason, width))]
  })
  const names = working.map(({ model, alias, version }) => `${model}@${alias} version ${version}`).join(', ')
  const keep = `${counted(working.length, 'live model')} ${working.length === 1 ? 'keeps' : 'keep'} working: ${names}`
  const rest = working.length === 0 ? [] : [hanging('', keep, width)]
  return ['', '', ...lines, ...rest].join('\n')
}

function agreed({ terminal, signal }: CommandContext, { changes }: DefinitionsPlan): Promise<boolean> {
  const nobody = new MartletError(
    'CONFIRMATION_NEEDED',
    `${counted(changes.length, 'change')} would be applied, but nobody can be asked here. ` +
      'Look at `martlet plan`, then run `martlet apply --yes`.',
    { data: { changes: changes.length } },
  )
  return confirmed({ terminal, signal, question: 'Apply this?', nobody, cancelled: 'Nothing was applied.' })
}

/** Opens the warehouse only when a removed view has left rows. */
async function drop(context: CommandContext): Promise<readonly string[]> {
  const project = await context.project()
  const catalog = await project.catalog()
  const states = await catalog.db.selectFrom('view_states').select('view').execute()
  const { views } = await project.definitions()
  const older = new Set((await keptDefinitions(catalog.db)).map(({ stored }) => stored.name))
  if (states.every(({ view }) => views.has(view) || older.has(view))) return []
  return dropRemovedViews({ warehouse: await project.warehouse(), catalog, online: await project.online() })
}

function changeData({ kind, name, action, reasons, consequence, hash }: DefinitionChange): object {
  return { kind, name, action, consequence, reasons, hash }
}

function changesText(
  { changes, unchanged, models }: DefinitionsPlan,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string {
  if (changes.length === 0) return `nothing to apply: ${counted(unchanged, 'definition')} unchanged`
  const signs = { create: paint('green', '+'), change: paint('yellow', '~'), remove: paint('red', '-') }
  const longest = Math.max(...changes.map(({ kind, name }) => kind.length + name.length + 1))
  const lines = changes.flatMap(({ action, kind, name, reasons, consequence }) => {
    const loud =
      consequence === 'drops data' || consequence === 'drops columns'
        ? 'red'
        : consequence === 'needs rebuild'
          ? 'yellow'
          : 'dim'
    return [
      `${signs[action]} ${`${kind} ${name}`.padEnd(longest)}  ${paint(loud, consequence)}`,
      ...reasons.map((reason) => hanging('    ', reason, width)),
    ]
  })
  return (
    [...lines, '', `${counted(changes.length, 'change')}, ${unchanged} unchanged`].join('\n') +
    modelsText(models, { paint, width })
  )
}

/** Each warning on lines of its own; empty when there are none. */
function warningsText({ warnings }: DefinitionsPlan, { paint, width }: Terminal): string {
  if (warnings.length === 0) return ''
  return `\n\n${warnings.map(({ message }) => hanging(`${paint('yellow', 'warning')} `, message, width)).join('\n')}`
}
