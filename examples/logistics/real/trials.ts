import { azure } from './azure.ts'
import { obd } from './obd.ts'
import { scms } from './scms.ts'
import { taxi } from './taxi.ts'
import type { Trial } from './trial.ts'

export const trials: readonly Trial[] = [azure, scms, obd, taxi]
