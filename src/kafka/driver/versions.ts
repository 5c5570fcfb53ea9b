/**
 * Chooses the version of a request: the newest that broker, codec, arguments and caller all allow.
 */
import type { Api } from '../protocol/api.ts'
import type { ApiVersions } from '../protocol/apiVersions.ts'
import { type Address, showAddress } from './address.ts'
import { tooOld } from './failures.ts'

/** Throws Fatal BROKER_UNSUITABLE if there is none. */
export function chooseVersion<A, R>(
  { versions }: ApiVersions,
  api: Api<A, R>,
  args: A,
  maxVersion: number,
  address: Address,
): number {
  const served = versions.get(api.key)
  const newest = Math.min(api.max, maxVersion, api.newest?.(args) ?? api.max, served?.max ?? -1)
  if (served === undefined || newest < Math.max(api.min, served.min)) throw tooOld(showAddress(address), api, served)
  return newest
}
