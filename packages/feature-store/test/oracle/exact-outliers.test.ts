import { expectEveryPlan } from './exact/expect-every-plan.ts'

expectEveryPlan(['sentinels', 'cancelling', 'heavy tails'])
