/** Makes a schema the current one. Names are as Snowflake tells them, also those in lower case, which the dialect would fold. */
export function useStatement(database: string, schema: string): string {
  return `USE SCHEMA ${exact(database)}.${exact(schema)}`
}

function exact(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
