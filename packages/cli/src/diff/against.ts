import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  currentDefinitions,
  history,
  readViewState,
  tableHash,
  type Catalog,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'
import { instantWords } from '../terminal/words.ts'
import { readDefinitionSet, type DefinitionSet } from './definition-set.ts'
import { loadCommit } from './load-commit.ts'

/** The definitions to compare with. */
export interface Against {
  readonly kind: 'applied' | 'published' | 'plan' | 'commit' | 'file'
  /** What they are: `commit 1a2b3c4d5e of 2026-03-01 ("Shorter windows")`. */
  readonly words: string
  readonly definitions: DefinitionSet
  /** For one plan: the only view there is. */
  readonly view?: string
}

/** The fewest digits of a plan's hash that are taken for one. */
const LEAST_DIGITS = 8

/**
 * What `--against` names: `applied`, `published`, the hash of a plan, a file of definitions, or a commit.
 * @throws MartletError NOTHING_APPLIED when the catalog has no definition
 * @throws MartletError DIFF_HASH_AMBIGUOUS when several plans have a hash that begins so
 * @throws MartletError DIFF_PLAN_MISSING when only a model knows the hash
 * @throws MartletError DIFF_GIT_MISSING, DIFF_NO_REPOSITORY, DIFF_REF_UNKNOWN, DIFF_DEFINITIONS_FAILED of commits
 */
export async function definitionsAgainst(
  project: Project,
  given: string,
  configFile: string,
  signal: AbortSignal,
): Promise<Against> {
  if (given === 'applied') return applied(await project.catalog())
  if (given === 'published') return published(await project.catalog())
  if (given.endsWith('.json') && existsSync(resolve(given)))
    return { kind: 'file', words: given, definitions: readDefinitionSet(resolve(given)) }
  const ref = given.replace(/^git:/, '')
  if (ref === given && new RegExp(`^[0-9a-f]{${LEAST_DIGITS},64}$`).test(given)) {
    const plan = await planOfHash(project, given)
    if (plan !== undefined) return plan
  }
  const { commit, definitions } = await loadCommit(ref, configFile, signal)
  const of = `${commit.hash.slice(0, 10)} of ${instantWords(new Date(commit.at).toISOString())}`
  return { kind: 'commit', words: `commit ${of} (${JSON.stringify(commit.subject)})`, definitions }
}

async function applied({ db }: Catalog): Promise<Against> {
  const all = await currentDefinitions(db)
  if (all.length === 0) throw nothingApplied()
  const definitions: DefinitionSet = {
    views: new Map(all.flatMap((one) => (one.kind === 'view' ? [[one.name, one.plan]] : []))),
    services: new Map(all.flatMap((one) => (one.kind === 'service' ? [[one.name, one.plan]] : []))),
    labels: new Map(all.flatMap((one) => (one.kind === 'label' ? [[one.name, one.plan]] : []))),
  }
  return { kind: 'applied', words: 'what is applied', definitions }
}

/** The definitions by which the rows in the feature tables were computed. */
async function published(catalog: Catalog): Promise<Against> {
  const { definitions } = await applied(catalog)
  const views = new Map<string, ViewPlan>()
  for (const name of definitions.views.keys()) {
    const { covered } = await readViewState(catalog.db, name)
    if (covered === null) continue
    const revisions = await history(catalog.db, 'view', name)
    const written = revisions.find(
      ({ kind, plan }) => kind === 'view' && 'grid' in plan && tableHash(plan) === covered.hash,
    )
    if (written?.kind === 'view') views.set(name, written.plan)
  }
  return { kind: 'published', words: 'what the feature tables hold', definitions: { ...definitions, views } }
}

async function planOfHash(project: Project, digits: string): Promise<Against | undefined> {
  const { db } = await project.catalog()
  const rows = await db
    .selectFrom('definitions')
    .select(['name', 'hash', 'revision', 'applied_at'])
    .where('kind', '=', 'view')
    .where('hash', 'like', `${digits}%`)
    .orderBy('revision', (order) => order.desc().nullsLast())
    .execute()
  const [row] = rows
  if (row === undefined) return planOfModel(project, digits)
  if (new Set(rows.map(({ hash }) => hash)).size > 1)
    throw new MartletError(
      'DIFF_HASH_AMBIGUOUS',
      `Several plans have a hash that begins with ${digits}: ${rows.map(({ name, hash }) => `${hash} of view ${name}`).join(', ')}. ` +
        'Give more digits.',
      { data: { digits } },
    )
  const { name, hash, revision } = row
  const plan = (await history(db, 'view', name)).find((one) => one.kind === 'view' && one.revision === revision)
  if (plan?.kind !== 'view') return undefined
  return {
    kind: 'plan',
    words: `plan ${hash.slice(0, 10)}, revision ${revision} of view ${name}, applied ${instantWords(row.applied_at)}`,
    definitions: { views: new Map([[name, plan.plan]]), services: new Map(), labels: new Map() },
    view: name,
  }
}

/** A model's version says by which plan it was trained, but only a catalog has plans. */
async function planOfModel(project: Project, digits: string): Promise<undefined> {
  for (const { model, version, definitionHashes } of await (await project.registry()).versions()) {
    for (const [view, hash] of Object.entries(definitionHashes))
      if (hash.startsWith(digits))
        throw new MartletError(
          'DIFF_PLAN_MISSING',
          `Model ${model} version ${version} was trained on view ${view} by plan ${hash.slice(0, 10)}, but the catalog has only ` +
            'the hash: that definition was never applied to it. Compare with the commit that has the definition.',
          { data: { model, version, view, hash } },
        )
  }
  return undefined
}

function nothingApplied(): MartletError {
  return new MartletError(
    'NOTHING_APPLIED',
    'No definition is applied, so there is nothing to compare with. Run martlet apply, or name a commit with --against.',
  )
}
