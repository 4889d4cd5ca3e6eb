import { Problem } from '../../desk/problem.ts'

/** A 400 for something in an inference request. The message begins with the place, because clients see only the message. */
export function invalid(place: string, detail: string): Problem {
  return new Problem(400, 'INFER_INVALID', `${place} ${detail}.`, { path: place })
}

/** A 501 for something that the protocol has and this server does not. */
export function unsupported(place: string, detail: string): Problem {
  return new Problem(501, 'INFER_UNSUPPORTED', `${place} ${detail}.`, { path: place })
}
