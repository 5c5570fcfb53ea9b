import { expect, it } from 'vitest'
import { RetriableError } from '../../../src/errors.ts'
import { isPassing, isPassingCode } from '../../../src/kafka/nodes/passing.ts'

it('errors of brokers that restart and of leaders that move pass, those of rights and versions do not', () => {
  const [notLeader, unknownTopic, coordinatorLoads, disk] = [6, 3, 14, 56]
  const [topicRight, clusterRight, version] = [29, 31, 35]
  expect([notLeader, unknownTopic, coordinatorLoads, disk].map(isPassingCode)).toEqual([true, true, true, true])
  expect([topicRight, clusterRight, version].map(isPassingCode)).toEqual([false, false, false])
})

it('a connection that this side has closed does not come back', () => {
  const error = (code: 'CONNECTION_CLOSED' | 'CONNECTION_LOST') => new RetriableError(code, 'it is gone')
  expect([isPassing(error('CONNECTION_LOST')), isPassing(error('CONNECTION_CLOSED'))]).toEqual([true, false])
  expect(isPassing(new Error('it is gone'))).toBe(false)
})
