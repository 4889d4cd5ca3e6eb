/** Makes a schema the current one. Names are exactly Snowflake's; the dialect would fold those in lower case. */
export function useStatement(database: string, schema: string): string {
  return `USE SCHEMA ${exact(database)}.${exact(schema)}`
}

function exact(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
