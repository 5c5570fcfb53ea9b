import { describe, expect, it } from 'vitest'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { fixedMembers } from '../../../src/kafka/members/fixedMembers.ts'
import { kafkaMembers } from '../../../src/kafka/members/kafkaMembers.ts'

const cluster = kafkaCluster({ brokers: ['localhost:9092'] })

describe('the options of members', () => {
  it('are all checked at once', () => {
    expect(() => kafkaMembers(cluster, { instance: '', sessionTimout: 3, zone: 5 } as never)).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTION',
        what: expect.stringMatching(/sessionTimout.*did you mean "sessionTimeout".*instance is "".*zone is 5/),
      }),
    )
    expect(() => kafkaMembers(cluster, undefined as never)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(() => fixedMembers(cluster, {} as never)).toThrow(/index is missing.*of is missing/)
  })

  it('want a session that brokers allow by default', () => {
    expect(() => kafkaMembers(cluster, { instance: 'a', sessionTimeout: 5_999 })).toThrow(/from 6000/)
    expect(kafkaMembers(cluster, { instance: 'a', sessionTimeout: 6_000 })).toMatchObject({ instance: 'a', zone: null })
  })

  it('want an index within the fixed number', () => {
    expect(() => fixedMembers(cluster, { index: 3, of: 3 })).toThrow(/index is 3, must be less than of, which is 3/)
    expect(fixedMembers(cluster, { index: 2, of: 3 })).toMatchObject({ fixed: { index: 2, of: 3 } })
  })
})
