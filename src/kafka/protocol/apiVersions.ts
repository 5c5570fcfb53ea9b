/**
 * ApiVersions: the versions and features of a broker. The first request on each connection, before
 * authentication. Version 3 is the first with the cluster's finalized features, among them
 * transaction.version. Its answer has the old header, so that every client can read it.
 */
import type { Api } from './api.ts'
import type { Reader } from './reader.ts'

export interface ApiVersions {
  readonly errorCode: number
  /** By api key. */
  readonly versions: ReadonlyMap<number, VersionRange>
  /** Level of each feature, by name, finalized for the whole cluster. */
  readonly features: ReadonlyMap<string, number>
}

export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** Tag in the answer. */
const finalizedFeatures = 2

export const apiVersions: Api<void, ApiVersions> = {
  key: 18,
  name: 'ApiVersions',
  min: 3,
  max: 3,
  encode(to) {
    to.string('rxweft')
    to.string('unknown')
    to.tags()
  },
  decode(from) {
    const errorCode = from.int16()
    // A broker without this version answers in version 0, of which only the error is used.
    if (errorCode !== 0) return { errorCode, versions: new Map(), features: new Map() }
    const versions = from.array(() => {
      const range = [from.int16(), { min: from.int16(), max: from.int16() }] as const
      from.tags()
      return range
    })
    from.throttleTime()
    const features: [string, number][] = []
    from.tags((tag, field) => {
      if (tag === finalizedFeatures) features.push(...field.array(() => feature(field)))
    })
    return { errorCode, versions: new Map(versions), features: new Map(features) }
  },
}

function feature(from: Reader): [name: string, level: number] {
  const name = from.string()
  const level = from.int16()
  from.int16() // lowest finalized level
  from.tags()
  return [name, level]
}
