/** FindCoordinator: the coordinator of a transactional id or a consumer group. */
import type { Api } from './api.ts'

export type CoordinatorType = 'group' | 'transaction'

export interface FindCoordinatorArgs {
  readonly type: CoordinatorType
  /** Group id or transactional id. */
  readonly key: string
}

export interface FoundCoordinator {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly node: number
  readonly host: string
  readonly port: number
}

const types: { readonly [type in CoordinatorType]: number } = { group: 0, transaction: 1 }

export const findCoordinator: Api<FindCoordinatorArgs, FoundCoordinator> = {
  key: 10,
  name: 'FindCoordinator',
  min: 4,
  max: 5,
  encode(to, { type, key }) {
    to.int8(types[type])
    to.array([key], to.string)
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const [found] = from.array(() => {
      from.string() // key
      const place = { node: from.int32(), host: from.string(), port: from.int32() }
      const error = { errorCode: from.int16(), errorMessage: from.nullableString() }
      from.tags()
      return { ...error, ...place }
    })
    from.tags()
    if (found === undefined) throw new RangeError('no coordinator in the answer')
    return found
  },
}
