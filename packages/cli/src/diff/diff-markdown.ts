import { visibleText } from '@martlet/warehouse'
import type { ViewDiff } from '@martlet/feature-store'
import { BETWEEN, cut, fitting, leftOut, lengthOf, LONGEST_COMMENT } from './comment-room.ts'
import { affectedLines } from './diff-text.ts'
import type { ProjectDiff, ViewChange } from './project-diff.ts'
import { cells, comparedWords, keyWords, largestWords, sentence } from './words.ts'

/** By which a later run finds the comment to replace. */
const MARKER = '<!-- martlet diff -->'

/** Of services, labels and models so many are named. */
const READERS = 50

/** The answer of `martlet diff` as a comment of a pull request, no longer than GitHub takes. */
export function diffMarkdown({ against, views, unchanged, affected }: ProjectDiff, examples: boolean): string {
  const same = unchanged === 0 ? '' : ` ${unchanged} ${unchanged === 1 ? 'view is' : 'views are'} defined as before.`
  const head = [
    MARKER,
    '### Feature values',
    `Against ${plain(against)}.${views.length === 0 ? ' No view differs.' : ''}${same}`,
  ]
  const readers = readersMarkdown(affectedLines(affected))
  const room = LONGEST_COMMENT - lengthOf([...head, ...readers])
  const sections = views.map((view) => (most: number) => viewMarkdown(view, examples, most))
  return [...head, ...fitting(sections, room), ...readers].join(BETWEEN)
}

function readersMarkdown(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const list = lines.slice(0, READERS).map((line) => `- ${plain(cut(line))}`)
  return ['#### What reads them', list.join('\n'), ...leftOut(lines.length - READERS, 'other line')]
}

/** A view with so many of its reasons and features; 0: by its sentence only. */
function viewMarkdown(change: ViewChange, examples: boolean, most: number): string {
  const head = [`#### ${plain(change.view)}`, plain(cut(sentence(change)))]
  if (change.kind !== 'compared') return head.join(BETWEEN)
  const parts = most === 0 ? ['Its features are left out here.'] : comparedMarkdown(change.diff, examples, most)
  return [...head, ...parts].join(BETWEEN)
}

function comparedMarkdown(diff: ViewDiff, examples: boolean, most: number): readonly string[] {
  const reasons = diff.reasons.slice(0, most).map((reason) => `- ${plain(most === Infinity ? reason : cut(reason))}`)
  const because = [`Because:\n\n${reasons.join('\n')}`, ...leftOut(diff.reasons.length - most, 'other reason')]
  if (diff.compared === null) return because
  const changing = diff.features.filter(({ kind, changed }) => kind !== 'compared' || changed > 0)
  const titles = ['feature', 'rows changed', 'mean', 'range', 'nulls', ...(examples ? ['largest change'] : [])]
  const rows = changing
    .slice(0, most)
    .map((feature) => [
      ...cells(feature),
      ...(examples ? [feature.largest === null ? '' : largestWords(feature.largest)] : []),
    ])
  const line = (words: readonly string[]): string => `| ${words.map(plain).join(' | ')} |`
  const { appearing, vanishing } = diff.compared
  const some = (what: string, keys: typeof appearing): readonly string[] =>
    examples && keys.length > 0 ? [`${what}, for example: ${plain(keys.map(keyWords).join('; '))}.`] : []
  return [
    ...because,
    ...(rows.length === 0
      ? []
      : [[line(titles), `|${titles.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')]),
    ...leftOut(changing.length - most, 'other feature'),
    ...some('Appear', appearing),
    ...some('Vanish', vanishing),
    `_${plain(comparedWords(diff))}_`,
  ]
}

/** Text in which nothing is markup, a mention or a link: names and values come from code and data that others wrote. */
function plain(text: string): string {
  return visibleText(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[\\`*{}[\]<>#|~&$]|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])/g, (signs) =>
      [...signs].map((sign) => `&#${sign.codePointAt(0)};`).join(''),
    )
    .replaceAll(/@(?=\w)|&#35;(?=\d)/g, '$&&#8203;')
    .replaceAll(/\b(https?|ftp):\/\//gi, '$1:&#8203;//')
    .replaceAll(/\b(www)\.|\b(gh)-(?=\d)/gi, (found) => `${found.slice(0, -1)}&#8203;${found.at(-1)}`)
}
