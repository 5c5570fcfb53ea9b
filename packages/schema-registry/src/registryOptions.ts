import type { Clock } from 'rxweft'
import type { RegistryAuth } from './registryHttp.ts'

/** Options of `schemaRegistry`. */
export interface SchemaRegistryOptions {
  /** Address, with the path that precedes /subjects and /schemas. */
  readonly url: string
  /** Basic authentication or a bearer token. Default: the credentials in `url`, if any. */
  readonly auth?: RegistryAuth | undefined
  /** Replacement of `fetch`, for proxies, certificates and tests. Default: Node's. */
  readonly fetch?: typeof fetch | undefined
  /** Clock for retries and timeouts. Default: the system clock. */
  readonly clock?: Clock | undefined
  /** Limit for one request, ms; each is tried three times. Default 10,000. */
  readonly timeout?: number | undefined
  /** Number of compiled schemas that each codec is sure to keep. Default 1,000. */
  readonly maxSchemas?: number | undefined
}
