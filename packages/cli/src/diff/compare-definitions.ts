import { diffViews, type DiffOptions, type LiveModel, type ViewPlan } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { codeOf } from '../terminal/error-text.ts'
import { affectedBy, type Affected } from './affected.ts'
import type { Against } from './against.ts'
import type { DefinitionSet } from './definition-set.ts'
import type { ProjectDiff, ViewChange } from './project-diff.ts'

export interface Comparison {
  readonly against: Against
  readonly present: DefinitionSet
  /** Only this view; undefined: all that differ. */
  readonly view: string | undefined
  /** Called for views whose definitions differ. */
  readonly options: () => Promise<Omit<DiffOptions, 'before' | 'after'>>
  readonly models: () => Promise<readonly LiveModel[]>
  readonly onView: (name: string) => void
}

/** Compares definitions, view by view. A view that cannot be computed does not keep the others from it. */
export async function compareDefinitions(comparison: Comparison): Promise<ProjectDiff> {
  const { against, present, view, options, models, onView } = comparison
  const { definitions } = against
  const pairs = pairsOf(definitions.views, present.views).filter(
    ({ before, after }) => view === undefined || after?.name === view || (after === undefined && before?.name === view),
  )
  const views: ViewChange[] = []
  for (const { before, after } of pairs) {
    const name = after?.name ?? before?.name ?? ''
    if (before === undefined || after === undefined) {
      const features = (after ?? before)?.features.map((feature) => feature.name) ?? []
      views.push({ view: name, kind: before === undefined ? 'new' : 'gone', features })
    } else if (before.hash === after.hash) views.push({ view: name, kind: 'same definition' })
    else {
      onView(name)
      views.push(await compared(before, after, options, view === undefined))
    }
  }
  const shown = view === undefined ? views.filter(({ kind }) => kind !== 'same definition') : views
  // One plan is no project: it has no services that could be missing from it.
  const before = against.kind === 'plan' ? { ...present, views: definitions.views } : definitions
  const affected = affectedBy(views, before, present, await models())
  return {
    against: against.words,
    views: shown,
    unchanged: views.filter(({ kind }) => kind === 'same definition').length,
    affected: view === undefined ? affected : readersOnly(affected),
  }
}

/** Without what differs for reasons of its own. */
function readersOnly({ services, models }: Affected): Affected {
  return { services: services.filter(({ fields }) => fields.length > 0), labels: [], models }
}

async function compared(
  before: ViewPlan,
  after: ViewPlan,
  options: Comparison['options'],
  others: boolean,
): Promise<ViewChange> {
  try {
    return { view: after.name, kind: 'compared', diff: await diffViews({ ...(await options()), before, after }) }
  } catch (error) {
    if (!others || !(error instanceof MartletError) || codeOf(error) === 'CANCELLED') throw error
    return { view: after.name, kind: 'failed', error: { code: error.code, message: error.message } }
  }
}

interface Pair {
  readonly before: ViewPlan | undefined
  readonly after: ViewPlan | undefined
}

/** A view and what it was, under its former name if it has another one now; then those that are gone. */
function pairsOf(before: ReadonlyMap<string, ViewPlan>, after: ReadonlyMap<string, ViewPlan>): readonly Pair[] {
  const pairs = [...after.values()].map((view): Pair => {
    const former = before.get(view.name) ?? (view.renamedFrom === undefined ? undefined : before.get(view.renamedFrom))
    return { before: former, after: view }
  })
  const known = new Set(pairs.map((pair) => pair.before))
  const gone = [...before.values()].filter((view) => !known.has(view))
  return [...pairs, ...gone.map((view): Pair => ({ before: view, after: undefined }))]
}
