import { MartletError } from '../errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { sql } from '../sql.ts'

/**
 * Runs the statements of a SQL text one after the other, each on its own.
 * @throws MartletError SCRIPT_FAILED when one fails, naming the line on which it begins
 */
export async function runScript(warehouse: Warehouse, script: string): Promise<{ readonly statements: number }> {
  const statements = splitStatements(script)
  for (const { text, line } of statements) {
    try {
      await warehouse.run(sql.raw(text))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new MartletError(
        'SCRIPT_FAILED',
        `The statement on line ${line} failed: ${why}. Those before it have run.`,
        { data: { line }, cause },
      )
    }
  }
  return { statements: statements.length }
}

// A semicolon does not end a statement inside text, quoted names, dollar quotes and comments.
const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"$;/-]+|[\s\S]/g

/** The statements of a SQL text without their semicolons, each with the line on which it begins; comments alone do not count. */
export function splitStatements(script: string): readonly { readonly text: string; readonly line: number }[] {
  const statements: { text: string; line: number }[] = []
  let text = ''
  let line = 0
  let at = 1
  for (const [piece] of `${script}\n;`.matchAll(PIECES)) {
    const isComment = piece.startsWith('--') || piece.startsWith('/*')
    if (piece === ';') {
      if (line > 0) statements.push({ text: text.trim(), line })
      text = ''
      line = 0
    } else {
      if (line === 0 && !isComment && piece.trim() !== '')
        line = at + (/^\s*/.exec(piece)?.[0].split('\n').length ?? 1) - 1
      if (line > 0) text += piece
    }
    at += piece.split('\n').length - 1
  }
  return statements
}
