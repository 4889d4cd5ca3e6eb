import type { ViewDiff } from '@martlet/feature-store'
import type { Terminal } from '../terminal/terminal.ts'
import { facts, hanging, table, type TableColumn } from '../terminal/table.ts'
import { counted } from '../terminal/words.ts'
import type { Affected } from './affected.ts'
import type { ProjectDiff, ViewChange } from './project-diff.ts'
import { cells, comparedWords, keyWords, largestWords, listed, sentence } from './words.ts'

type Shown = Pick<Terminal, 'paint' | 'width'>

/** The answer of `martlet diff` for a terminal. */
export function diffText(diff: ProjectDiff, examples: boolean, terminal: Shown): string {
  const { against, views, unchanged, affected } = diff
  if (views.length === 0)
    return hanging('', `against ${against}: no view differs`, terminal.width) + affectedText(affected, terminal)
  const others = unchanged === 0 ? '' : `, ${counted(unchanged, 'other view')} the same`
  const title = `against ${against}${views.some(({ kind }) => kind === 'same definition') ? '' : others}`
  const parts = [hanging('', title, terminal.width), ...views.map((view) => viewText(view, examples, terminal))]
  return `${parts.join('\n\n')}${affectedText(affected, terminal)}`
}

function viewText(change: ViewChange, examples: boolean, terminal: Shown): string {
  const { paint, width } = terminal
  const color = change.kind === 'failed' ? 'red' : change.kind === 'same definition' ? 'dim' : 'bold'
  const head = hanging(`${paint(color, change.view)}  `, sentence(change), width)
  return change.kind === 'compared' ? [head, ...comparedText(change.diff, examples, terminal)].join('\n') : head
}

function comparedText(diff: ViewDiff, examples: boolean, { paint, width }: Shown): readonly string[] {
  const because = diff.reasons.map((reason, i) => hanging(i === 0 ? '  because  ' : '           ', reason, width))
  if (diff.compared === null) return because
  const shown = diff.features.filter(({ kind, changed }) => kind !== 'compared' || changed > 0)
  const columns: readonly TableColumn[] = [
    { title: 'feature' },
    { title: 'rows changed', right: true },
    { title: 'mean' },
    { title: 'range' },
    { title: 'nulls' },
  ]
  const largest = shown.flatMap((feature): (readonly [string, string])[] =>
    examples && feature.largest !== null ? [[feature.name, largestWords(feature.largest)]] : [],
  )
  const { appearing, vanishing } = diff.compared
  const some = (what: string, keys: typeof appearing): readonly string[] =>
    examples && keys.length > 0 ? [hanging(`  ${what}  `, keys.map(keyWords).join('; '), width)] : []
  return [
    ...because,
    ...(shown.length === 0 ? [] : ['', table(columns, shown.map(cells), paint, width), '']),
    ...(largest.length === 0 ? [] : [paint('dim', 'largest change'), ...facts(largest, width), '']),
    ...some('appear, for example', appearing),
    ...some('vanish, for example', vanishing),
    paint('dim', hanging('  ', comparedWords(diff), width)),
  ]
}

function affectedText(affected: Affected, { width }: Shown): string {
  const lines = affectedLines(affected)
  return lines.length === 0 ? '' : `\n\n${lines.map((line) => hanging('', line, width)).join('\n')}`
}

/** A line for each service, label and model. */
export function affectedLines({ services, labels, models }: Affected): readonly string[] {
  return [
    ...services.map(({ name, fields, reasons }) => {
      const said = new Set(reasons.map((reason) => reason.replace(/ (?:added|removed)$/, '').replace('.', '__')))
      const read = fields.filter((field) => !said.has(field))
      const parts = [...(read.length === 0 ? [] : [`reads ${listed(read)}`]), ...reasons]
      return `service ${name}: ${parts.join('; ')}`
    }),
    ...labels.map(({ name, reasons }) => `label ${name}: ${reasons.join('; ')}`),
    ...models.map(
      ({ model, alias, version, service, fields }) =>
        `model ${model}@${alias} version ${version}, by service ${service}: reads ${listed(fields)}`,
    ),
  ]
}
