import { forecastDefinitions } from './forecast.ts'

const { views, services, labels } = forecastDefinitions('Europe/London')
export { labels, services, views }
