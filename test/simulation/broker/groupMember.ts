/** One member of a simulated consumer group. */
import { Buffer } from 'node:buffer'
import type { JoinedGroup, JoinGroupArgs } from '../../../src/kafka/protocol/joinGroup.ts'
import type { SyncedGroup } from '../../../src/kafka/protocol/syncGroup.ts'
import type { Entry } from '../core/agenda.ts'

export type JoinReply = (answer: JoinedGroup) => void
export type SyncReply = (answer: SyncedGroup) => void

export interface Member {
  readonly id: string
  metadata: Buffer
  assignment: Buffer
  sessionTimeout: number
  rebalanceTimeout: number
  /** Waits for the end of a round. */
  joining: JoinReply | null
  /** Waits for the leader. */
  syncing: SyncReply | null
  /** Has asked for its assignment in this round. */
  synced: boolean
  session: Entry | null
}

export const nothing = Buffer.alloc(0)

export function newMember(id: string, { metadata, sessionTimeout, rebalanceTimeout }: JoinGroupArgs): Member {
  const waits = { joining: null, syncing: null, synced: false, session: null }
  return { id, metadata, assignment: nothing, sessionTimeout, rebalanceTimeout, ...waits }
}

export function joinError(errorCode: number, memberId: string): JoinedGroup {
  return { errorCode, generation: -1, leader: '', memberId, members: [] }
}
