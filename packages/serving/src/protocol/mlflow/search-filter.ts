import { shown } from '../../desk/shown.ts'
import { invalid } from './mlflow-error.ts'

/** What a filter can ask about a model or version. An attribute that is absent has no value. */
export interface Searched {
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly tags: Readonly<Record<string, string>>
}

/** Which attributes a search knows. */
export interface SearchableAttributes {
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
  /** Those that `IN` may list. */
  readonly lists: readonly string[]
}

export interface Condition {
  readonly kind: 'attribute' | 'tag'
  readonly key: string
  readonly comparator: Comparator
  /** One value; the listed ones for `IN` and `NOT IN`. */
  readonly values: readonly string[]
}

const COMPARATORS = ['=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'] as const
type Comparator = (typeof COMPARATORS)[number]
const OF_TAGS: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE']
const OF_NUMBERS: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>=']

/** MLflow's clients add a condition on this tag, which says that a model is a prompt, to every search. None here is one. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt'
const MOST_CONDITIONS = 50

/**
 * Reads a filter: conditions joined by AND, in the grammar of MLflow's model registry.
 *
 * @throws Problem 400 for anything else, naming the place
 */
export function readFilter(filter: string | undefined, known: SearchableAttributes): readonly Condition[] {
  if (filter === undefined || filter.trim() === '') return []
  const tokens = tokensOf(filter)
  const conditions: Condition[] = []
  let at = 0
  for (;;) {
    const [condition, next] = readCondition(tokens, at, known)
    conditions.push(condition)
    if (conditions.length > MOST_CONDITIONS) throw invalid('filter', `has more than ${MOST_CONDITIONS} conditions`)
    const joint = tokens[next]
    if (joint === undefined) return conditions
    if (joint.kind !== 'word' || joint.text.toUpperCase() !== 'AND')
      throw invalid('filter', `must join conditions by AND, not by ${shown(joint.text)}`)
    at = next + 1
  }
}

/** Whether all conditions hold. */
export function matchesFilter(conditions: readonly Condition[], { attributes, tags }: Searched): boolean {
  return conditions.every(({ kind, key, comparator, values }) => {
    const [value = ''] = values
    const found = kind === 'tag' ? (Object.hasOwn(tags, key) ? tags[key] : undefined) : attributes[key]
    if (found === undefined)
      return (
        kind === 'tag' &&
        key === PROMPT_TAG &&
        ((comparator === '=' && value === 'false') || (comparator === '!=' && value === 'true'))
      )
    return typeof found === 'number'
      ? compareNumbers(found, comparator, Number(value))
      : compareTexts(found, comparator, values)
  })
}

/** The only value that an attribute may have; undefined when the conditions leave several. */
export function onlyValue(conditions: readonly Condition[], key: string): string | undefined {
  return conditions.find((one) => one.kind === 'attribute' && one.key === key && one.comparator === '=')?.values[0]
}

function compareNumbers(found: number, comparator: Comparator, value: number): boolean {
  switch (comparator) {
    case '=':
      return found === value
    case '!=':
      return found !== value
    case '<':
      return found < value
    case '<=':
      return found <= value
    case '>':
      return found > value
    default:
      return found >= value
  }
}

function compareTexts(found: string, comparator: Comparator, values: readonly string[]): boolean {
  const [value = ''] = values
  switch (comparator) {
    case 'IN':
      return values.includes(found)
    case 'NOT IN':
      return !values.includes(found)
    case '!=':
      return found !== value
    case 'LIKE':
      return isLike(found, value)
    case 'ILIKE':
      return isLike(found.toLowerCase(), value.toLowerCase())
    default:
      return found === value
  }
}

/** SQL's LIKE. It goes back only to the last `%`, so that no pattern takes long. */
function isLike(text: string, pattern: string): boolean {
  let [at, in_, percent, resume] = [0, 0, -1, 0]
  while (at < text.length) {
    if (pattern[in_] === '%') {
      percent = in_
      resume = at
      in_ += 1
    } else if (in_ < pattern.length && (pattern[in_] === '_' || pattern[in_] === text[at])) {
      at += 1
      in_ += 1
    } else if (percent >= 0) {
      in_ = percent + 1
      resume += 1
      at = resume
    } else return false
  }
  while (pattern[in_] === '%') in_ += 1
  return in_ === pattern.length
}

function readCondition(
  tokens: readonly Token[],
  from: number,
  known: SearchableAttributes,
): readonly [condition: Condition, next: number] {
  const { kind, key } = keyOf(tokens[from], known)
  const [comparator, at] = readComparator(tokens, from + 1, key)
  const isNumber = kind === 'attribute' && known.numbers.includes(key)
  const isList = comparator === 'IN' || comparator === 'NOT IN'
  const may = kind === 'tag' ? OF_TAGS : isNumber ? OF_NUMBERS : ([...OF_TAGS, 'IN', 'NOT IN'] as const)
  if (!may.some((one) => one === comparator) || (isList && !known.lists.includes(key)))
    throw invalid('filter', `cannot compare ${shown(key)} by ${comparator}`)
  if (!isList) return [{ kind, key, comparator, values: [valueOf(tokens[at], key, isNumber)] }, at + 1]
  const [values, next] = readList(tokens, at, key)
  return [{ kind, key, comparator, values }, next]
}

/** `name`, `attribute.name`, `tag.k`, `tags.k`, and a key of any characters as ``tags.`a key` `` or `tags."a key"`. */
function keyOf(token: Token | undefined, known: SearchableAttributes): Pick<Condition, 'kind' | 'key'> {
  if (token?.kind !== 'word') throw invalid('filter', `needs a name such as name or tags.team${before(token)}`)
  const dot = token.text.indexOf('.')
  const entity = dot === -1 ? 'attribute' : token.text.slice(0, dot).toLowerCase()
  const key = unquoted(token.text.slice(dot + 1))
  if (entity === 'tag' || entity === 'tags') return { kind: 'tag', key }
  const names = [...known.texts, ...known.numbers]
  if (!/^attributes?$/.test(entity) || !names.includes(key))
    throw invalid('filter', `cannot ask for ${shown(token.text)}: there are ${names.join(', ')} and tags.<key>`)
  return { kind: 'attribute', key }
}

function unquoted(key: string): string {
  return /^(`.*`|".*")$/s.test(key) ? key.slice(1, -1) : key
}

function readComparator(tokens: readonly Token[], at: number, key: string): readonly [Comparator, next: number] {
  const given = tokens[at]?.text.toUpperCase() ?? ''
  const isNot = given === 'NOT' && tokens[at + 1]?.text.toUpperCase() === 'IN'
  const comparator = COMPARATORS.find((one) => one === (isNot ? 'NOT IN' : given))
  if (comparator === undefined || tokens[at]?.kind === 'text')
    throw invalid('filter', `needs a comparison such as = or LIKE after ${shown(key)}${before(tokens[at])}`)
  return [comparator, at + (isNot ? 2 : 1)]
}

function valueOf(token: Token | undefined, key: string, isNumber: boolean): string {
  if (isNumber) {
    if (token?.kind === 'word' && /^-?\d{1,15}$/.test(token.text)) return token.text
    throw invalid('filter', `must compare ${shown(key)} with a whole number${before(token)}`)
  }
  if (token?.kind === 'text') return token.text
  throw invalid('filter', `must compare ${shown(key)} with a text in quotes${before(token)}`)
}

function readList(tokens: readonly Token[], from: number, key: string): readonly [readonly string[], next: number] {
  const values: string[] = []
  if (tokens[from]?.text !== '(') throw invalid('filter', `needs a list such as ('a', 'b') after ${shown(key)}`)
  for (let at = from + 1; ; at += 2) {
    values.push(valueOf(tokens[at], key, false))
    const after = tokens[at + 1]
    if (after?.kind === 'mark' && after.text === ')') return [values, at + 2]
    if (after?.kind !== 'mark' || after.text !== ',')
      throw invalid('filter', `must end the list after ${shown(key)} with )`)
  }
}

interface Token {
  readonly kind: 'word' | 'text' | 'mark'
  readonly text: string
}

const TOKEN = /\s*(?:((?:[\w-]+\.)(?:`[^`]*`|"[^"]*")|[\w.-]+)|'([^']*)'|"([^"]*)"|(<=|>=|!=|[=<>(),]))/sy

function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = []
  const end = filter.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(filter)
    if (match === null) throw invalid('filter', `cannot be read at ${shown(filter.slice(at).trim())}`)
    const [, word, single, double, mark] = match
    if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
    else tokens.push({ kind: 'text', text: single ?? double ?? '' })
  }
  return tokens
}

function before(token: Token | undefined): string {
  return token === undefined ? ', but it ends there' : `, not ${shown(token.text)}`
}
