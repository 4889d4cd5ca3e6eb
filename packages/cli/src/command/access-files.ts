import type { AuditOptions, Auth, TlsFiles } from '@martlet/serving'
import type { ServingConfig } from '../config/martlet-config.ts'

/** Who may call, as the server takes it: with paths that count from the folder of the configuration. */
export function accessOf(
  { auth, audit, tls }: ServingConfig,
  at: (path: string) => string,
): { readonly auth: Auth; readonly audit?: AuditOptions; readonly tls?: TlsFiles } {
  return {
    auth: authOf(auth, at),
    ...(audit === undefined ? {} : { audit: { ...audit, folder: at(audit.folder) } }),
    ...(tls === undefined ? {} : { tls: { cert: at(tls.cert), key: at(tls.key) } }),
  }
}

function authOf(auth: Auth, at: (path: string) => string): Auth {
  if (auth === 'none' || 'gateway' in auth) return auth
  const { keys, keysFile, jwt } = auth
  return {
    ...(keys === undefined ? {} : { keys }),
    ...(keysFile === undefined ? {} : { keysFile: at(keysFile) }),
    ...(jwt === undefined ? {} : { jwt: 'file' in jwt.jwks ? { ...jwt, jwks: { file: at(jwt.jwks.file) } } : jwt }),
  }
}
