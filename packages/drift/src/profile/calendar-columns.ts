import { calendarService, vectorFields, type ServicePlan } from '@martlet/feature-store'

/**
 * The columns of a service's vector that follow from the row's time alone, such as weekdays and holidays.
 *
 * @example vectorColumns(vectorFields(plan), { calendar: calendarColumns(plan) })
 */
export function calendarColumns(service: ServicePlan): readonly string[] {
  const calendar = calendarService(service)
  return calendar === null ? [] : vectorFields(calendar).map(({ name }) => name)
}
