// Where a project's catalog can be, by the key that chooses it. A new place is a file and a line here.
export { snowflakeCatalog as snowflake } from './snowflake/snowflake-catalog.ts'
export { sqlite } from './sqlite.ts'
