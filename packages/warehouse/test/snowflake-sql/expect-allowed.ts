import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parse } from '@guanmingchiu/sqlparser-ts'
export function expectAllowed(name: string, texts: readonly string[]): void {
  mkdirSync('/tmp/snowsql/out', { recursive: true })
  writeFileSync(`/tmp/snowsql/out/${name}.json`, JSON.stringify([...new Set(texts)]))
}
