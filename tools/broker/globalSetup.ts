/**
 * Finds a broker once for a run of the broker tests. Without a broker they are skipped with a
 * message.
 */
import type { TestProject } from 'vitest/node'
import { findBroker } from './findBroker.ts'
import type { FoundBroker } from './foundBroker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** host:port; empty if there is no broker. */
    brokers: string[]
    brokerKind: FoundBroker['kind']
  }
}

export default async function globalSetup({ provide }: TestProject): Promise<() => Promise<void>> {
  const broker = await findBroker()
  if (broker.kind === 'none' && broker.failure !== undefined) throw broker.failure
  console.log(broker.kind === 'none' ? `broker tests skipped: ${broker.reason}` : `broker: ${broker.describe}`)
  provide('brokers', broker.kind === 'none' ? [] : [...broker.brokers])
  provide('brokerKind', broker.kind)
  return async () => {
    if (broker.kind !== 'none') await broker.stop()
  }
}
