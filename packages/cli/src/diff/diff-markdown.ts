import { visibleText } from '@martlet/warehouse'
import type { ViewDiff } from '@martlet/feature-store'
import { affectedLines, featureWords, nullWords, turned } from './diff-text.ts'
import type { ProjectDiff, ViewChange } from './project-diff.ts'
import { comparedWords, keyWords, largestWords, meanWords, rangeWords, sentence, shareWords } from './words.ts'

/** By which a later run finds the comment to replace. */
const MARKER = '<!-- martlet diff -->'

/** The answer of `martlet diff` as a comment of a pull request. */
export function diffMarkdown({ against, views, unchanged, affected }: ProjectDiff, examples: boolean): string {
  const lines = affectedLines(affected)
  const same = unchanged === 0 ? '' : ` ${unchanged} ${unchanged === 1 ? 'view is' : 'views are'} defined as before.`
  return [
    MARKER,
    '### Feature values',
    `Against ${plain(against)}.${views.length === 0 ? ' No view differs.' : ''}${same}`,
    ...views.map((view) => viewMarkdown(view, examples)),
    ...(lines.length === 0 ? [] : [`#### What reads them\n\n${lines.map((line) => `- ${plain(line)}`).join('\n')}`]),
  ].join('\n\n')
}

function viewMarkdown(change: ViewChange, examples: boolean): string {
  const head = [`#### ${plain(change.view)}`, plain(sentence(change))]
  return [...head, ...(change.kind === 'compared' ? comparedMarkdown(change.diff, examples) : [])].join('\n\n')
}

function comparedMarkdown(diff: ViewDiff, examples: boolean): readonly string[] {
  const because = `Because:\n\n${diff.reasons.map((reason) => `- ${plain(reason)}`).join('\n')}`
  if (diff.compared === null) return [because]
  const shown = diff.features.filter(({ kind, changed }) => kind !== 'compared' || changed > 0)
  const titles = ['feature', 'rows changed', 'mean', 'range', 'nulls', ...(examples ? ['largest change'] : [])]
  const rows = shown.map((feature) => [
    featureWords(feature),
    feature.kind === 'new' || feature.kind === 'gone' ? feature.kind : shareWords(feature.changed, feature.rows),
    meanWords(feature),
    turned(rangeWords(feature.before), rangeWords(feature.after)),
    nullWords(feature),
    ...(examples ? [feature.largest === null ? '' : largestWords(feature.largest)] : []),
  ])
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`
  const { appearing, vanishing } = diff.compared
  const some = (what: string, keys: typeof appearing): readonly string[] =>
    examples && keys.length > 0 ? [`${what}, for example: ${plain(keys.map(keyWords).join('; '))}.`] : []
  return [
    because,
    ...(rows.length === 0
      ? []
      : [[line(titles), `|${titles.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')]),
    ...some('Appear', appearing),
    ...some('Vanish', vanishing),
    `_${plain(comparedWords(diff))}_`,
  ]
}

/** Text in which nothing is markup, a mention or a link: names and values come from code and data that others wrote. */
function plain(text: string): string {
  return visibleText(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[\\`*{}[\]<>#|~&]|(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])/g, (sign) => `&#${sign.codePointAt(0)};`)
    .replaceAll(/@(?=\w)/g, '@&#8203;')
    .replaceAll(/(https?):\/\//g, '$1:&#8203;//')
}
