/** One piece of SQL with a printer for each engine. */
export interface Leaf<Print> {
  readonly duckdb: Print
  readonly snowflake: Print
}
