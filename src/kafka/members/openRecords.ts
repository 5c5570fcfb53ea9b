/** Opens the member records, with connections of their own. */
import { abortController, onAbort } from '../../clock.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { Connections } from '../nodes/connections.ts'
import { type MemberRecords, type MemberRecordsParts, memberRecords } from './memberRecords.ts'

export interface OpenedRecords {
  readonly records: MemberRecords
  readonly connections: Connections
  /** Aborted by `close`, and by the signal given. */
  readonly signal: AbortSignal
  close(): Promise<void>
}

export async function openRecords(
  cluster: KafkaCluster,
  parts: Omit<MemberRecordsParts, 'connections'>,
): Promise<OpenedRecords> {
  const connections = await cluster.connect('members')
  const over = abortController()
  onAbort(parts.signal, () => over.abort(), over.signal)
  return {
    records: memberRecords({ ...parts, signal: over.signal, connections }),
    connections,
    signal: over.signal,
    async close() {
      over.abort()
      await connections.close()
    },
  }
}
