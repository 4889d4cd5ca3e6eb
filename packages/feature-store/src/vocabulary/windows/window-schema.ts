import type { z } from 'zod'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import { kindSchema } from '../algebra/kind-schema.ts'
import { windows } from './list.ts'

export const windowSchema: z.ZodType<WindowPlan> = kindSchema(windows, {})
