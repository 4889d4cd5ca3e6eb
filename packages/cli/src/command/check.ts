import { randomUUID } from 'node:crypto'
import {
  checkedTables,
  checkLabel,
  checkView,
  findingText,
  type CheckOptions,
  storeForSql,
  toMicros,
  type CheckResult,
  type AnyFeatureView,
  type AnyLabel,
  type QualityReport,
} from '@martlet/feature-store'
import type { Observation } from '@martlet/drift'
import { MartletError } from '@martlet/warehouse'
import { alertOf, tells } from '../alert/project-alerts.ts'
import { freshnessObservations, qualityObservations } from '../alert/quality-observations.ts'
import { suggestion } from '../config/suggestion.ts'
import type { ProjectDefinitions } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'
import { viewStatuses } from '../project/view-status.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface CheckCommandOptions extends GlobalOptions {
  readonly from?: string
  readonly to?: string
  readonly store: boolean
}

/** Runs the checks of source rows, and computes nothing. */
export async function check(
  context: CommandContext,
  names: readonly string[],
  options: CheckCommandOptions,
): Promise<Outcome> {
  const { terminal, signal } = context
  const range = {
    from: options.from === undefined ? null : toMicros(options.from, '--from'),
    to: options.to === undefined ? null : toMicros(options.to, '--to'),
    now: toMicros(new Date()),
  }
  const project = await context.project()
  const definitions = await project.definitions()
  const warehouse = await project.warehouse()
  const quality = project.config.quality === false ? {} : (project.config.quality ?? {})
  const memory: NonNullable<CheckOptions['memory']> = new Map()
  const reports: QualityReport[] = []
  for (const { view, label, tables } of wanted(definitions, names)) {
    const how = { ...quality, memory, signal, tables }
    if (view !== undefined) reports.push(await checkView(warehouse, view, range, how))
    if (label !== undefined) reports.push(await checkLabel(warehouse, label, range, how))
  }
  const results = distinct(reports.flatMap((report) => report.results))
  if (options.store) await storeForSql(warehouse, `check ${randomUUID()}`, results)
  const findings = distinct(reports.flatMap((report) => report.findings))
  const errors = findings.filter(({ severity }) => severity === 'error')
  const warnings = findings.filter(({ severity }) => severity === 'warn')
  // A finding that several views share is listed once, and is one of each of them.
  const ofEach = reports.flatMap((report) => report.findings)
  await alertOf(project, context, await observations(project, wanted(definitions, names), ofEach, range))
  const scanned = [...new Set(reports.flatMap((report) => report.scanned))]
  return {
    exitCode: errors.length > 0 ? 1 : warnings.length > 0 ? 2 : 0,
    data: { checks: results.length, errors: errors.length, warnings: warnings.length, findings, scanned },
    text: reportText(terminal, { checks: results.length, errors, warnings, scanned }),
  }
}

interface Wanted {
  readonly view?: AnyFeatureView
  readonly label?: AnyLabel
  readonly tables?: ReadonlySet<string>
}

/**
 * What is told of views and labels of which all tables were looked at. That they are right again, and how fresh views
 * are, is known only when all rows were.
 */
async function observations(
  project: Project,
  checked: readonly Wanted[],
  findings: readonly CheckResult[],
  range: { readonly from: bigint | null; readonly to: bigint | null },
): Promise<readonly Observation[]> {
  const now = new Date()
  const whole = checked.filter(({ tables }) => tables === undefined)
  const names = whole.flatMap(({ view, label }) => view?.name ?? label?.name ?? [])
  const views = whole.flatMap(({ view }) => view?.name ?? [])
  const allRows = range.from === null && range.to === null
  const ofQuality = tells(project.config, 'quality') ? qualityObservations(names, findings, now) : []
  const tellsAge = tells(project.config, 'freshness') && allRows && views.length > 0
  return [
    ...ofQuality.filter(({ alerting }) => allRows || alerting === true),
    ...(tellsAge ? freshnessObservations(views, findings, await viewStatuses(project, now.getTime()), now) : []),
  ]
}

/** Without names all views and labels; a table is looked at wherever a view or a label reads it. */
function wanted({ views, labels }: ProjectDefinitions, names: readonly string[]): readonly Wanted[] {
  const all: readonly Wanted[] = [
    ...[...views.values()].map((view) => ({ view })),
    ...[...labels.values()].map((label) => ({ label })),
  ]
  if (names.length === 0) return all
  return names.flatMap((name): readonly Wanted[] => {
    const [view, label] = [views.get(name), labels.get(name)]
    if (view !== undefined) return [{ view }]
    if (label !== undefined) return [{ label }]
    if (!name.includes('.')) {
      throw new MartletError(
        'VIEW_UNKNOWN',
        `There is no view or label called ${name} in the definitions, and tables are called schema.table. ` +
          suggestion(name, [...views.keys(), ...labels.keys()], 'views and labels'),
        { data: { name } },
      )
    }
    const known = new Set(all.flatMap(tablesOf))
    if (!known.has(name)) {
      throw new MartletError(
        'TABLE_UNKNOWN',
        `No view or label reads a table called ${name}. ${suggestion(name, [...known], 'tables')}`,
        { data: { name } },
      )
    }
    return all.filter((one) => tablesOf(one).includes(name)).map((one) => ({ ...one, tables: new Set([name]) }))
  })
}

function tablesOf({ view, label }: Wanted): readonly string[] {
  return [...(view === undefined ? [] : checkedTables(view)), ...(label === undefined ? [] : checkedTables(label))]
}

/** What several views or labels find alike in a table is told once, of the first of them. */
function distinct(results: readonly CheckResult[]): readonly CheckResult[] {
  const first = new Map(results.toReversed().map((one) => [JSON.stringify({ ...one, view: '' }), one]))
  return results.filter((one) => first.get(JSON.stringify({ ...one, view: '' })) === one)
}

interface Checked {
  readonly checks: number
  readonly errors: readonly CheckResult[]
  readonly warnings: readonly CheckResult[]
  readonly scanned: readonly string[]
}

function reportText({ paint, width }: Terminal, { checks, errors, warnings, scanned }: Checked): string {
  const found = [
    ...(errors.length === 0 ? [] : [paint('red', counted(errors.length, 'error'))]),
    ...(warnings.length === 0 ? [] : [paint('yellow', counted(warnings.length, 'warning'))]),
  ]
  const verdict = found.length === 0 ? paint('green', 'nothing found') : found.join(', ')
  return [
    ...scanned.map((line) => hanging('', line, width)),
    ...[...errors, ...warnings].map((finding) => hanging('  ', findingText(finding), width)),
    `${counted(checks, 'check')}: ${verdict}`,
  ].join('\n')
}
