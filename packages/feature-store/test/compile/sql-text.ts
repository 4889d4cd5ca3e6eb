import type { CompiledSql } from '@martlet/warehouse'

/**
 * Statements for people to read and for two versions to be compared: a line for each clause, indented by parentheses,
 * with temporary tables numbered in order of appearance (their real numbers count the compilations of a process).
 */
export function sqlText(statements: readonly CompiledSql[]): string {
  const numbers = new Map<string, string>()
  const numbered = (text: string): string =>
    text.replaceAll(/martlet_\d+/g, (name) => {
      const known = numbers.get(name) ?? `martlet_${numbers.size + 1}`
      numbers.set(name, known)
      return known
    })
  const printed = statements.map(({ sql, parameters }) => {
    const bound =
      parameters.length === 0
        ? ''
        : `-- bound: ${JSON.stringify(parameters, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}\n`
    return `${bound}${indented(numbered(sql).replaceAll(/\s+/g, ' ').trim())};\n`
  })
  return printed.join('\n')
}

const clause = /(?:SELECT|FROM|WHERE|GROUP BY|(?:ASOF )?(?:LEFT )?JOIN|CROSS JOIN|UNION ALL|WINDOW) /y

function indented(text: string): string {
  let out = ''
  let depth = 0
  let quote: string | undefined
  // Clauses inside the parentheses of a function (EXTRACT(x FROM y), OVER (…)) stay on their line.
  const breaks: boolean[] = [true]
  for (let i = 0; i < text.length; i++) {
    const one = text[i] ?? ''
    if (quote !== undefined) {
      if (one === quote) quote = undefined
    } else if (one === "'" || one === '"') quote = one
    else if (one === '(') {
      depth++
      breaks.push(text.startsWith('SELECT ', i + 1))
    } else if (one === ')') {
      depth--
      breaks.pop()
    }
    clause.lastIndex = i
    const begins =
      quote === undefined && breaks.at(-1) === true && i > 0 && (text[i - 1] === ' ' || text[i - 1] === '(')
    const found = begins ? clause.exec(text) : null
    if (found === null) {
      out += one
      continue
    }
    out = `${out.trimEnd()}\n${'  '.repeat(depth)}${found[0]}`
    i += found[0].length - 1
  }
  return out
}
