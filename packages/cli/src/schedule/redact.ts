import process from 'node:process'

/** Shorter values are words of messages rather than secrets. */
const LEAST = 4

/**
 * Takes secrets out of text: the values of all environment variables that a configuration or a step names, passwords of
 * URLs in the configuration, and logins inside any URL.
 */
export function redactor(
  config: unknown,
  steps: readonly (readonly string[])[] = [],
  environment: NodeJS.ProcessEnv = process.env,
): (text: string) => string {
  const values = [...namedVariables(config), ...steps.flatMap(secretVariables)].flatMap(
    (name) => environment[name] ?? [],
  )
  const urls = [...values, ...urlsIn(config)]
  const secrets = [...new Set([...values, ...urls.flatMap(loginsOf)])]
    .filter((secret) => secret.length >= LEAST)
    .toSorted((a, b) => b.length - a.length)
  return (text) =>
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
      .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1[redacted]@')
}

/** The environment variables that a configuration names: the values of `urlFrom`, `tokenFrom` and the like. */
export function namedVariables(config: unknown): readonly string[] {
  return entriesIn(config).flatMap(([key, value]) => (/[a-z]From$/.test(key) ? [value] : []))
}

/** The environment variables of `--secret name=VARIABLE` in a step. */
export function secretVariables(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    const given = word.startsWith('--secret=') ? word.slice(9) : words[at - 1] === '--secret' ? word : undefined
    return given?.split('=').slice(1, 2) ?? []
  })
}

function urlsIn(config: unknown): readonly string[] {
  return entriesIn(config).flatMap(([, value]) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? [value] : []))
}

/** The parts of a URL that let somebody in. */
function loginsOf(text: string): readonly string[] {
  if (!URL.canParse(text)) return []
  const { username, password, pathname, search } = new URL(text)
  const secret = password === '' ? [] : [password, decoded(password), `${username}:${password}`]
  // The address of a webhook is its secret.
  return [...secret, ...(/^https?:/.test(text) ? [pathname + search, pathname] : [])].filter((part) => part !== '/')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** All texts in plain objects and arrays, with their keys; definitions are not looked at. */
function entriesIn(value: unknown, key = ''): readonly (readonly [key: string, value: string])[] {
  if (typeof value === 'string') return [[key, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]: readonly [string, unknown]) =>
    name === 'definitions' ? [] : entriesIn(inner, Array.isArray(value) ? key : name),
  )
}
