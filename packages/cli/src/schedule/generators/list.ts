// What `martlet schedules` can write. A new format is a file and a line here.
import { cron } from './cron.ts'
import type { Generator } from './generator.ts'
import { github } from './github.ts'
import { snowflake } from './snowflake.ts'

export const generators: readonly Generator[] = [cron, github, snowflake]
