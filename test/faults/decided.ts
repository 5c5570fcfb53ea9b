/**
 * Resolves when no transaction is open in the sink topic and the ledger of a job; those of dead
 * processes are aborted by then.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import type { Site } from './site.ts'

export async function decided({ arena, sink, job }: Site): Promise<void> {
  for (const topic of [sink, `rxweft-${job}-ledger`]) while (await isOpen([arena.direct], topic)) await pause(50)
}

/** Whether a reader of what is committed has to wait for somebody. */
export async function isOpen(brokers: readonly string[], topic: string): Promise<boolean> {
  const [all, committed] = await Promise.all([
    topicEnds(brokers, topic, 'read_uncommitted'),
    topicEnds(brokers, topic, 'read_committed'),
  ])
  return all.join() !== committed.join()
}
