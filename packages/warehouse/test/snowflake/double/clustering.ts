import { closing, isSymbol, isWord, Refused } from './tokens.ts'
import type { Token } from './tokens.ts'

/** How a new table's rows lie; `key` is null when nothing is said of it. */
export interface Clustering {
  readonly schema: string
  readonly table: string
  readonly key: string | null
}

/** What a CREATE TABLE says of clustering, for the catalog to remember. */
export function clusteringOf(tokens: readonly Token[]): Clustering | undefined {
  const at = tokens.findIndex((token) => isWord(token, 'TABLE'))
  if (!isWord(tokens[0], 'CREATE') || at < 0) return undefined
  const first = isWord(tokens[at + 1], 'IF') ? at + 4 : at + 1
  const qualified = isSymbol(tokens[first + 1], '.')
  const name = tokens[qualified ? first + 2 : first]
  const by = tokens.findIndex((token, index) => isWord(token, 'CLUSTER') && isWord(tokens[index + 1], 'BY'))
  const key =
    by < 0
      ? null
      : `LINEAR(${tokens
          .slice(by + 3, closing(tokens, by + 2))
          .map(({ text }) => text)
          .join('')
          .replaceAll(',', ', ')})`
  return { schema: qualified ? (tokens[first]?.text ?? '') : 'PUBLIC', table: name?.text ?? '', key }
}

/** DuckDB has neither clustering nor rights. */
export function withoutTableOptions(tokens: readonly Token[]): Token[] {
  const rest: Token[] = []
  const replaced = isWord(tokens[1], 'OR') && isWord(tokens[2], 'REPLACE') && isWord(tokens[3], 'TABLE', 'VIEW')
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (isWord(token, 'CLUSTER') && isWord(tokens[at + 1], 'BY')) at = closing(tokens, at + 2)
    else if (isWord(token, 'COPY') && isWord(tokens[at + 1], 'GRANTS')) {
      if (!replaced || !isWord(tokens[at + 2], 'AS'))
        throw new Refused('COPY GRANTS in another form than CREATE OR REPLACE TABLE or VIEW ... COPY GRANTS AS')
      at++
    } else if (token !== undefined) rest.push(token)
  }
  return rest
}

/** The column `clustering_key` of INFORMATION_SCHEMA.TABLES, and where it is kept. */
export const CLUSTERING_SETUP = `
  CREATE SEQUENCE MARTLET.SF_CATALOG.CLUSTERINGS;
  CREATE TABLE MARTLET.SF_CATALOG.CLUSTERING (made BIGINT DEFAULT nextval('MARTLET.SF_CATALOG.CLUSTERINGS'),
    table_schema VARCHAR, table_name VARCHAR, clustering_key VARCHAR);
  CREATE OR REPLACE VIEW MARTLET.SF_CATALOG.TABLES AS
    SELECT t.table_catalog, t.table_schema, t.table_name, t.table_type, c.clustering_key
    FROM information_schema.tables t
    LEFT JOIN (SELECT table_schema, table_name, arg_max_null(clustering_key, made) AS clustering_key FROM
      MARTLET.SF_CATALOG.CLUSTERING GROUP BY ALL) c
      ON c.table_schema = t.table_schema AND c.table_name = t.table_name
    WHERE t.table_schema NOT IN ('SF_CATALOG', 'ACCOUNT_USAGE')
`

/** Only ever added to, so that two sessions never change the same row. */
export const REMEMBER_CLUSTERING =
  'INSERT INTO MARTLET.SF_CATALOG.CLUSTERING (table_schema, table_name, clustering_key) VALUES ($1, $2, $3)'
