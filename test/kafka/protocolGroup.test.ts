/** The requests of group membership, in the bytes of Kafka's own message classes. */
import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import type { Api } from '../../src/kafka/protocol/api.ts'
import { heartbeat } from '../../src/kafka/protocol/heartbeat.ts'
import { joinGroup } from '../../src/kafka/protocol/joinGroup.ts'
import { leaveGroup } from '../../src/kafka/protocol/leaveGroup.ts'
import { reader } from '../../src/kafka/protocol/reader.ts'
import { syncGroup } from '../../src/kafka/protocol/syncGroup.ts'
import { writer } from '../../src/kafka/protocol/writer.ts'
import { recordedBytes } from './recordedBytes.ts'

function request<A, R>(api: Api<A, R>, args: A): string {
  const to = writer(4)
  api.encode(to, args, api.max)
  return Buffer.concat(to.frame()).subarray(4).toString('hex')
}

function answer<A, R>(api: Api<A, R>, args: A, bytes: string): R {
  return api.decode(reader(Buffer.from(bytes, 'hex')), api.max, args)
}

const joining = {
  groupId: 'rxweft/jöb',
  sessionTimeout: 10_000,
  rebalanceTimeout: 12_000,
  memberId: 'm-1',
  protocolType: 'rxweft',
  protocolName: 'rxweft-1',
  metadata: Buffer.from([1, 2, 3]),
}
const inGroup = { groupId: 'g', generation: 7, memberId: 'm-1' }
const assignments = [
  { memberId: 'm-1', assignment: Buffer.from([9]) },
  { memberId: 'm-2', assignment: Buffer.alloc(0) },
]
const syncing = { ...inGroup, assignments, rebalanceTimeout: 12_000 }
const leaving = { groupId: 'g', memberIds: ['m-1', 'm-2'] }

it.each([
  ['JoinGroup request 6', request(joinGroup, joining)],
  ['SyncGroup request 4', request(syncGroup, syncing)],
  ['Heartbeat request 4', request(heartbeat, inGroup)],
  ['LeaveGroup request 4', request(leaveGroup, leaving)],
] as const)('%s is written byte for byte as Kafka writes it', (name, bytes) => {
  expect(bytes).toBe(recordedBytes[name])
})

it('JoinGroup: the round and, for its leader, everybody', () => {
  expect(answer(joinGroup, joining, recordedBytes['JoinGroup answer 6'])).toEqual({
    errorCode: 0,
    generation: 7,
    leader: 'm-1',
    memberId: 'm-2',
    members: [
      { memberId: 'm-1', metadata: Buffer.from([1, 2]) },
      { memberId: 'm-2', metadata: Buffer.alloc(0) },
    ],
  })
})

it('JoinGroup: a newcomer is refused, and given a member id', () => {
  const refused = answer(joinGroup, joining, recordedBytes['JoinGroup answer of an error 6'])
  expect(refused).toMatchObject({ errorCode: 79, memberId: 'm-9', members: [] })
})

it('SyncGroup: the bytes of the leader, or an error', () => {
  const synced = { errorCode: 27, assignment: Buffer.from([9, 8]) }
  expect(answer(syncGroup, syncing, recordedBytes['SyncGroup answer 4'])).toEqual(synced)
})

it('Heartbeat: an error', () => {
  expect(answer(heartbeat, inGroup, recordedBytes['Heartbeat answer 4'])).toEqual({ errorCode: 25 })
})

it('LeaveGroup: an error for each member', () => {
  expect(answer(leaveGroup, leaving, recordedBytes['LeaveGroup answer 4'])).toEqual({
    errorCode: 0,
    members: [
      { memberId: 'm-1', errorCode: 0 },
      { memberId: 'm-2', errorCode: 25 },
    ],
  })
})

it.each([joinGroup, syncGroup])('$name may be held back for as long as a round takes', (api) => {
  expect((api as typeof joinGroup).hold?.(joining)).toBe(12_000)
})
