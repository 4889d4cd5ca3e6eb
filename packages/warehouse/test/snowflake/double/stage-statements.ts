import { Refused } from './tokens.ts'

/** A statement about files of the user's stage, `@~`; the double knows no other stage. */
export type StageStatement =
  | { readonly kind: 'put'; readonly file: string; readonly folder: string }
  | { readonly kind: 'get'; readonly folder: string; readonly into: string }
  | { readonly kind: 'remove'; readonly folder: string }
  | { readonly kind: 'list'; readonly folder: string }
  /** `insert` reads from `STAGED_ROWS`, with the file's columns as names. */
  | { readonly kind: 'load'; readonly table: string; readonly insert: string; readonly folder: string }
  | { readonly kind: 'unload'; readonly query: string; readonly folder: string }

/** Stands for the files in the INSERT that a COPY INTO is turned into. */
export const STAGED_ROWS = 'SF_STAGED_ROWS_7C1E'

const PLACE = String.raw`@~\/([A-Za-z0-9_\/-]+)`
const FILE = String.raw`'file:\/\/((?:[^'\\]|'')+)'`
const NAME = String.raw`"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")*`
const PUT = new RegExp(String.raw`^PUT ${FILE} ${PLACE}( .*)?$`)
const GET = new RegExp(String.raw`^GET ${PLACE} ${FILE}( .*)?$`)
const LOAD = new RegExp(
  String.raw`^COPY INTO (${NAME}) (\(${NAME}(?:, ${NAME})*\)) FROM \(SELECT ([\s\S]+) FROM ${PLACE}\)( .*)?$`,
)
const UNLOAD = new RegExp(String.raw`^COPY INTO ${PLACE} FROM \(([\s\S]+)\)( FILE_FORMAT .*)$`)

/** What a statement asks of the stage; undefined when it asks nothing of it. Options are taken only with the values listed here. */
export function stageStatement(sql: string): StageStatement | undefined {
  const verb = /^\s*(PUT|GET|REMOVE|LIST|COPY)\b/.exec(sql)?.[1]
  if (verb === undefined) return undefined
  const [put, get, load, unload] = [PUT, GET, LOAD, UNLOAD].map((form) => form.exec(sql))
  if (put != null) {
    checkOptions(verb, put[3], { AUTO_COMPRESS: 'FALSE', OVERWRITE: 'TRUE' }, ['AUTO_COMPRESS'])
    return { kind: 'put', file: unquoted(put[1]), folder: folderOf(put[2]) }
  }
  if (get != null) {
    checkOptions(verb, get[3], {})
    return { kind: 'get', folder: folderOf(get[1]), into: unquoted(get[2]) }
  }
  if (load != null) {
    const [, table = '', columns = '', select = '', folder, options] = load
    checkOptions(verb, options, { FILE_FORMAT: '(TYPE = PARQUET)', ON_ERROR: 'ABORT_STATEMENT' }, [
      'FILE_FORMAT',
      'ON_ERROR',
    ])
    return {
      kind: 'load',
      table,
      insert: `INSERT INTO ${table} ${columns} SELECT ${elements(select)} FROM ${STAGED_ROWS}`,
      folder: folderOf(folder),
    }
  }
  if (unload != null) {
    checkOptions(verb, unload[3], { FILE_FORMAT: '(TYPE = PARQUET)', HEADER: 'TRUE', MAX_FILE_SIZE: /^\d+$/ }, [
      'FILE_FORMAT',
      'HEADER',
    ])
    return { kind: 'unload', query: unload[2] ?? '', folder: folderOf(unload[1]) }
  }
  const plain = new RegExp(`^(REMOVE|LIST) ${PLACE}$`).exec(sql)
  if (plain === null) throw new Refused(`${verb} in another form than the driver's: ${sql.slice(0, 200)}`)
  return { kind: plain[1] === 'LIST' ? 'list' : 'remove', folder: folderOf(plain[2]) }
}

// $1:c0 is the column c0 of a file, by exactly this name, and a VARIANT: it is of use only inside a cast.
function elements(select: string): string {
  if (/(?<!CAST\()\$1:/.test(select)) throw new Refused('a column of a staged file that is not cast')
  const named = select.replaceAll(/\$1:(c\d+)\b/g, (_, name: string) => `"${name.toUpperCase()}"`)
  if (named.includes('$')) throw new Refused('a column of a staged file by another name than c0, c1, …')
  return named
}

function checkOptions(
  verb: string,
  text: string | undefined,
  known: Readonly<Record<string, string | RegExp>>,
  needed: readonly string[] = [],
): void {
  const options = [...(text ?? '').matchAll(/ (\w+) = (\([^)]*\)|\w+)/g)]
  if (options.map(([all]) => all).join('') !== (text ?? '')) throw new Refused(`the options${text} of ${verb}`)
  for (const [, name = '', value = ''] of options) {
    const taken = known[name]
    if (taken === undefined) throw new Refused(`the option ${name} of ${verb}`)
    if (typeof taken === 'string' ? taken !== value : !taken.test(value))
      throw new Refused(`the option ${name} = ${value} of ${verb}`)
  }
  const missing = needed.find((name) => !options.some(([, given]) => given === name))
  if (missing !== undefined) throw new Refused(`${verb} without the option ${missing}`)
}

// A path without a slash at its end would also mean other folders that begin like it.
function folderOf(path: string | undefined): string {
  if (path === undefined || !path.endsWith('/') || path.includes('//') || path.startsWith('/'))
    throw new Refused(`the stage path ${path}, which is no folder with a slash at its end`)
  return path
}

function unquoted(text: string | undefined): string {
  return (text ?? '').replaceAll("''", "'")
}
