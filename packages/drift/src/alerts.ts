/** What a sender of alerts needs of this package, without what reports and profiles load. */
export { nextState } from './alert/alert-state.ts'
export type { AlertEvent, AlertRules, AlertState } from './alert/alert-state.ts'
export {
  alertMessage,
  deliveryLines,
  deliveryReport,
  deliverySeverity,
  deliveryTitle,
  incidentOf,
} from './alert/alert-message.ts'
export type { AlertDelivery, AlertMessage } from './alert/alert-message.ts'
export type { Observation } from './alert/observation.ts'
