export { type OpenTelemetryOptions, openTelemetry } from './openTelemetry.ts'
