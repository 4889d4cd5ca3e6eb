// The engines that a project's warehouse can be, by the key that chooses them. A new one is a file and a line here.
export { duckdb } from './duckdb.ts'
export { snowflake } from './snowflake/snowflake.ts'
