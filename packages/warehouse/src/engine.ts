/** The engines that can be a warehouse. */
export type Engine = 'duckdb' | 'snowflake'
