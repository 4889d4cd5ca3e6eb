import { fileURLToPath } from 'node:url'

/** What a module threw while it was loaded, with its file and line when they are known. */
export function failurePlace(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const message = cause.message.split('\n')[0] ?? ''
  const url = /(file:\/\/[^\s)]+?\.(?:m?[jt]s)):(\d+)/.exec(cause.stack ?? '')
  const path = /^(\/[^\s:]+\.(?:m?[jt]s)):(\d+)$/m.exec(cause.stack ?? '')
  const place =
    url?.[1] !== undefined ? `${fileURLToPath(url[1])}:${url[2]}` : path === null ? undefined : `${path[1]}:${path[2]}`
  return place === undefined || place.includes('node_modules') ? message : `${message} (${place})`
}
