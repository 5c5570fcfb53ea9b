/** Waits until a broker answers, by asking it again and again. */
import { setTimeout as pause } from 'node:timers/promises'
import { toError } from '../../src/errors.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'

/** @param limit ms, then rejects with the last error. @param check rejects where there is no point in waiting any longer. */
export async function untilUp(
  brokers: readonly string[],
  limit: number,
  check: () => Promise<void> = async () => undefined,
): Promise<void> {
  const deadline = Date.now() + limit
  for (;;) {
    const refusal = await ask(brokers).catch(toError)
    await check()
    if (refusal === null) return
    if (Date.now() > deadline) throw new Error(`no answer within ${limit / 1000} s: ${refusal.message}`)
    await pause(100)
  }
}

/** null: it is up. A broker that has just started accepts connections before it is in its own metadata. */
async function ask(brokers: readonly string[]): Promise<Error | null> {
  const connections = await kafkaCluster({ brokers, connectionTimeout: 2_000, requestTimeout: 5_000 }).connect('probe')
  try {
    const { brokers: found } = await connections.metadata([])
    return found.length > 0 ? null : new Error('there is no broker in the metadata')
  } finally {
    await connections.close()
  }
}
