/**
 * Attempts in which sources and sinks are tested: real time, real credits, and one attempt after
 * the other, as over restarts.
 */
import { randomUUID } from 'node:crypto'
import type { Resource } from '../../attempt.ts'
import { defaultCheckpointSettings } from '../../checkpoint/settings.ts'
import { systemClock } from '../../clock.ts'
import { type AttemptIdentity, attemptContext, type Closable, type OwnedAttempt } from '../../job/attemptContext.ts'
import { testServices } from '../testServices.ts'

export interface ContractAttempts {
  /** A new attempt; those before it are not closed, as if their process had been killed. */
  begin(shard?: Pick<AttemptIdentity, 'shard' | 'shards'>): ContractAttempt
}

export interface ContractAttempt {
  readonly context: OwnedAttempt
  open<W extends Closable>(resource: Resource<W>): Promise<W>
  /** As the runner ends an attempt: its signal first, then everything is closed. */
  close(): Promise<void>
}

const job = 'contract'

/**
 * Rejects with what `use` throws, or with what a part has called `fail` with. Everything is closed
 * afterwards.
 */
export async function withAttempts(use: (attempts: ContractAttempts) => Promise<void>): Promise<void> {
  const begun: ContractAttempt[] = []
  const execution = randomUUID()
  let failed = (_: unknown): void => undefined
  const failure = new Promise<never>((_, reject) => {
    failed = reject
  })

  function begin(shard = { shard: 0, shards: 1 }): ContractAttempt {
    const over = new AbortController()
    const identity = { job, ...shard, execution, attempt: randomUUID(), allowDroppedState: false }
    const context = attemptContext(identity, defaultCheckpointSettings, {
      clock: systemClock,
      signal: over.signal,
      badRecords: testServices().badRecords,
      probe: () => undefined,
      fail: failed,
      tell: () => undefined,
    })
    const attempt: ContractAttempt = {
      context,
      open: (resource) => context.openResource(resource),
      async close() {
        over.abort()
        await context.closeAll()
      },
    }
    begun.push(attempt)
    return attempt
  }

  try {
    await Promise.race([use({ begin }), failure])
  } finally {
    for (const attempt of begun) await attempt.close()
  }
}
